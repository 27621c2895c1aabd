package teamuptest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/teamupsql/teamupsql/report"
)

// Cell returns a fault that replaces the value of a column, in the row in the middle of the
// page, by raw, which need not be JSON. If column is "", it is the first column except id.
func Cell(column, raw string) Fault {
	return cell("cell", "another value in one row", column, func(string) string { return raw })
}

// cell makes its text, of the column that it strikes, only then.
func cell(name, doc, column string, raw func(column string) string) Fault {
	return Fault{Name: name, Doc: doc, Column: column, page: func(p *page) {
		target := p.table.like(column)
		if target == "" {
			target = p.table.report.Key
			for _, s := range p.layout.slots {
				if s.name != p.table.report.Key {
					target = s.name
					break
				}
			}
		}
		p.altered = len(p.rows) / 2
		p.alter = func(dst []byte, s *slot) ([]byte, bool) {
			if s.name != target {
				return dst, false
			}
			return append(dst, raw(target)...), true
		}
	}}
}

// like is the column of the name; in a report other than that of customers the first
// column of the same type as theirs, "" for none.
func (s *served) like(name string) string {
	if _, ok := s.report.Column(name); ok || s.report == report.Customers {
		return name
	}
	of, _ := report.Customers.Column(name)
	for _, c := range s.report.Columns {
		if c.Type.SQL() == of.Type.SQL() {
			return c.Name
		}
	}
	return ""
}

func valueFaults() []Fault {
	fixed := func(name, doc, column, raw string) Fault { return named(name, doc, Cell(column, raw)) }
	const overflow = `{"decimal":123456789012345.12345,"string":"£∞","iso_currency_code":"gbp","currency_symbol":"£","currency_symbol_position":"before"}`
	return []Fault{
		fixed("wrong_type", "a value has a type of its own", "", `{"unexpected":[true]}`),
		fixed("wrong_type_integer", "a count is a word", "registrations_count", `"many"`),
		fixed("wrong_type_boolean", "a boolean is a number", "is_active", `2`),
		fixed("fraction", "a count has a fraction", "registrations_count", `1.5`),
		fixed("integer_32", "a count has more than 32 bits", "registrations_count", `2147483648`),
		fixed("integer_64", "an id has more than 64 bits", "id", `9223372036854775808`),
		fixed("null_id", "an id is null", "id", `null`),
		fixed("money_overflow", "an amount is beyond DECIMAL(18,4)", "account_credit_balance", overflow),
		fixed("zero_date", "a date is 0000-00-00", "date_of_birth", `"0000-00-00"`),
		fixed("bad_date", "a date is not in the calendar", "date_of_birth", `"2025-02-29"`),
		fixed("bad_time", "a time is not one", "created_at", `"2025-02-28T25:61:00Z"`),
		cell("duplicate_keys", "a row contains a key twice", "first_name", func(column string) string {
			return `"one",` + strconv.Quote(column) + `:"two"`
		}),
		fixed("invalid_utf8", "a text is not UTF-8", "first_name", "\"a\xff\xfeb\""),
		fixed("lone_surrogate", "a text has half of a surrogate pair", "first_name", `"a\ud800b"`),
		fixed("nul", "a text contains NUL", "first_name", `"a\u0000b"`),
		cell("deep_json", "a value is nested 100,000 deep", "", func(string) string {
			return strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
		}),
	}
}

func pagingFaults() []Fault {
	change := func(name, doc string, f func(*page)) Fault { return Fault{Name: name, Doc: doc, page: f} }
	total := func(name, doc string, f func(p *page) int) Fault {
		return change(name, doc, func(p *page) { p.total = strconv.Itoa(f(p)) })
	}
	return []Fault{
		change("total_null", "total is null", func(p *page) { p.total = "null" }),
		change("total_text", "total is a text", func(p *page) { p.total = `"many"` }),
		total("total_negative", "total is -1", func(*page) int { return -1 }),
		total("total_zero", "total is 0", func(*page) int { return 0 }),
		total("total_small", "total is half of the truth", func(p *page) int { return len(p.all) / 2 }),
		total("total_large", "total is 1000 more than the truth", func(p *page) int { return len(p.all) + 1000 }),
		total("total_changing", "the total differs in each response", func(p *page) int { return max(0, len(p.all)+p.call.N%4*13-20) }),
		change("short_page", "the second half of the page is missing", func(p *page) { p.rows = p.rows[:len(p.rows)/2] }),
		change("empty_page", "the page has no rows", func(p *page) { p.rows = nil }),
		change("repeated_rows", "the first row comes twice, the last one not at all", func(p *page) {
			if n := len(p.rows); n > 1 {
				copy(p.rows[1:], slices.Clone(p.rows[:n-1]))
			}
		}),
		change("doubled_rows", "each row comes twice", func(p *page) {
			rows := p.rows
			p.rows = nil
			for _, r := range rows {
				p.rows = append(p.rows, r, r)
			}
		}),
		change("repeated_page", "the rows before come again, where there are such", func(p *page) {
			if from := p.call.Offset - p.call.Limit; from >= 0 && from < len(p.all) {
				p.rows = slices.Clone(p.all[from:min(from+p.call.Limit, len(p.all))])
			}
		}),
		change("reordered_rows", "the rows come in the reverse order", func(p *page) { slices.Reverse(p.rows) }),
		change("extra_rows", "more rows than requested", func(p *page) {
			from := min(p.call.Offset, len(p.all))
			p.rows = slices.Clone(p.all[from:min(from+p.call.Limit+5, len(p.all))])
		}),
	}
}
