package teamuptest

import (
	"math/rand/v2"
	"time"
)

// Quirks are ways in which a report server may differ from this one without
// breaking what is published of the report. A client whose answers depend on them
// relies on something that nobody promised. The zero value has none.
type Quirks struct {
	Rounding  Rounding      // how times are shown; the filters always compare microseconds
	AgeZone   time.Duration // the zone, as an offset from UTC, by whose date ages and birthdays are computed
	NullOrder NullOrder     // where NULLs stand in a sort

	IgnoreSort bool // rows come in the order that they have without sort
	FixedLimit int  // if not 0: an answer has this many rows, whatever limit or page_size says

	Ignore string     // the name of a parameter that has no effect, as if no request had it; "" for none
	Total  TotalQuirk // what the total counts

	NullIsFalse    bool // a filter for false also finds NULL
	NegativeCredit bool // a negative balance is account credit too

	MoneyAsText    bool // the decimal of an amount comes as a JSON string
	IntegersAsText bool // ids and counts come as JSON strings
	EscapeUnicode  bool // text beyond ASCII comes as \u escapes
	Parts          PartShape
	ExtraKeys      bool // rows hold keys that nobody asked for
	OmitNulls      bool // a NULL is absent from its row

	// Hidden are columns, parts of structs (as in family.name, where they are requested
	// by themselves) and keys of custom fields that no row and no header contains,
	// though they are requested. What is left is described truly.
	Hidden []string
}

// Rounding is how a time is shown.
type Rounding uint8

// The ways of showing a time.
const (
	ShowMicroseconds Rounding = iota // as it is
	TruncateSeconds                  // cut to the second below
	RoundSeconds                     // rounded to the nearest second
)

func (r Rounding) round(t time.Time) time.Time {
	switch r {
	case TruncateSeconds:
		return t.Truncate(time.Second)
	case RoundSeconds:
		return t.Round(time.Second)
	}
	return t
}

// NullOrder is where NULLs stand in a sort.
type NullOrder uint8

// The places of NULLs.
const (
	NullsLargest NullOrder = iota // last in ascending order, first in descending, as PostgreSQL does
	NullsFirst                    // first in both
	NullsLast                     // last in both
)

// TotalQuirk is what the total of an answer counts.
type TotalQuirk uint8

// The totals.
const (
	TotalMatching   TotalQuirk = iota // the customers that match, as it should
	TotalLeavesIDGT                   // the customers that match without id_gt
	TotalOfAll                        // all customers, whatever the filters
	TotalIsNull                       // nothing: it is null
	TotalIsMissing                    // nothing: it is not there
)

// PartShape is how a row holds parts of a struct that were asked for one by one,
// such as family.name.
type PartShape uint8

// The shapes of parts.
const (
	Nested   PartShape = iota // {"family": {"name": …}}
	Flat                      // {"family.name": …}
	AllFlat                   // and a struct that was asked for whole is taken apart too
	noShapes                  // how many there are
)

// RandomQuirks draws a combination that a correct client must not notice in its
// answers. FixedLimit, Ignore and Total are left out, since they make answers cost more
// requests or, together with others, impossible to prove, and Hidden, since a client
// must notice it.
func RandomQuirks(r *rand.Rand) Quirks {
	flip := func() bool { return r.IntN(2) == 0 }
	return Quirks{
		Rounding: Rounding(r.IntN(3)), AgeZone: time.Duration(r.IntN(29)-14) * time.Hour, NullOrder: NullOrder(r.IntN(3)),
		IgnoreSort: r.IntN(4) == 0, NullIsFalse: flip(), NegativeCredit: flip(),
		MoneyAsText: flip(), IntegersAsText: flip(), EscapeUnicode: flip(),
		Parts: PartShape(r.IntN(int(noShapes))), ExtraKeys: flip(), OmitNulls: flip(),
	}
}

// valuesOnly keeps what changes the values of a row, not their writing.
func (q Quirks) valuesOnly() Quirks {
	return Quirks{Rounding: q.Rounding, AgeZone: q.AgeZone, NullOrder: q.NullOrder, NullIsFalse: q.NullIsFalse, NegativeCredit: q.NegativeCredit}
}
