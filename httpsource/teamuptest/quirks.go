package teamuptest

import (
	"math/rand/v2"
	"time"
)

// Quirks are ways in which a report server can differ from this one and still conform to
// TeamUp's documentation. A client whose results depend on them relies on undocumented
// behaviour. The zero value has none.
type Quirks struct {
	Rounding  Rounding      // how times are shown; the filters always compare microseconds
	AgeZone   time.Duration // the zone, as an offset from UTC, by whose date ages and birthdays are computed
	NullOrder NullOrder     // the position of NULLs in a sort

	IgnoreSort bool // rows have the order that they have without sort
	FixedLimit int  // if not 0, the number of rows of every response, whatever limit or page_size is

	Ignore string     // the name of a parameter that has no effect, as if no request had it; "" for none
	Total  TotalQuirk // the meaning of the total

	NullIsFalse    bool // a filter for false also finds NULL
	NegativeCredit bool // a negative balance is account credit too

	MoneyAsText    bool // the decimal of an amount is a JSON string
	IntegersAsText bool // ids and counts are JSON strings
	EscapeUnicode  bool // characters beyond ASCII are \u escapes
	Parts          PartShape
	ExtraKeys      bool // rows have keys that were not requested
	OmitNulls      bool // a NULL is absent from its row

	// Hidden are columns, fields of structs (as in family.name, if requested by that name)
	// and keys of custom fields that no row and no header contains although they are
	// requested. The headers describe the other columns correctly.
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

// NullOrder is the position of NULLs in a sort.
type NullOrder uint8

// The places of NULLs.
const (
	NullsLargest NullOrder = iota // last in ascending order, first in descending, as PostgreSQL does
	NullsFirst                    // first in both
	NullsLast                     // last in both
)

// TotalQuirk is what the total of a response counts.
type TotalQuirk uint8

// The totals.
const (
	TotalMatching   TotalQuirk = iota // the customers that match, as it should
	TotalLeavesIDGT                   // the customers that match without id_gt
	TotalOfAll                        // all customers, whatever the filters
	TotalIsNull                       // nothing: it is null
	TotalIsMissing                    // nothing: it is not there
)

// PartShape is the form in a row of fields of a struct that were requested by name, such as
// family.name.
type PartShape uint8

// The shapes of parts.
const (
	Nested   PartShape = iota // {"family": {"name": …}}
	Flat                      // {"family.name": …}
	AllFlat                   // and a struct that was requested completely is flattened too
	noShapes                  // how many there are
)

// RandomQuirks returns a random combination that must not change the results of a correct
// client. It does not set FixedLimit, Ignore and Total, because with them a client needs
// more requests or, in some combinations, cannot prove a result; nor Hidden, because a
// client must report it.
func RandomQuirks(r *rand.Rand) Quirks {
	flip := func() bool { return r.IntN(2) == 0 }
	return Quirks{
		Rounding: Rounding(r.IntN(3)), AgeZone: time.Duration(r.IntN(29)-14) * time.Hour, NullOrder: NullOrder(r.IntN(3)),
		IgnoreSort: r.IntN(4) == 0, NullIsFalse: flip(), NegativeCredit: flip(),
		MoneyAsText: flip(), IntegersAsText: flip(), EscapeUnicode: flip(),
		Parts: PartShape(r.IntN(int(noShapes))), ExtraKeys: flip(), OmitNulls: flip(),
	}
}

// valuesOnly returns the quirks that change the values of a row, not their form.
func (q Quirks) valuesOnly() Quirks {
	return Quirks{Rounding: q.Rounding, AgeZone: q.AgeZone, NullOrder: q.NullOrder, NullIsFalse: q.NullIsFalse, NegativeCredit: q.NegativeCredit}
}
