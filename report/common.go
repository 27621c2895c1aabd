package report

import "time"

// rolesWith adds the parameters that all of TeamUp's reports have to those of one.
func rolesWith(r Roles) Roles {
	r.Columns, r.Format, r.Sort, r.KeyAbove = "columns", "format", "sort", "id_gt"
	r.Limit, r.Offset, r.Page, r.PageSize = "limit", "offset", "page", "page_size"
	return r
}

// engineParameters are the parameters of paging and projection of every report.
var engineParameters = []Parameter{
	{Name: "columns", Type: texts, Want: "names of columns", Engine: true,
		Doc: "The columns to include"},
	{Name: "format", Type: text, Want: "csv or json", Engine: true,
		Doc: "The format of the response; the default of the API is csv", Words: []string{FormatCSV, FormatJSON}},
	{Name: "limit", Type: integer, Want: "0 to 100", Engine: true,
		Doc: "Rows of the response; the default of the API is 50", Max: MaxLimit},
	{Name: "offset", Type: integer, Want: "0 or more", Engine: true,
		Doc: "Rows to skip"},
	{Name: "page", Type: integer, Want: "1 or more", Engine: true,
		Doc: "The number of the page", Min: 1},
	{Name: "page_size", Type: integer, Want: "0 to 100", Engine: true,
		Doc: "Rows in a page", Max: MaxLimit},
	{Name: "sort", Type: texts, Want: "names of columns, with - in front for descending", Engine: true,
		Doc: "The order of the rows"},
}

// timeMargin is the margin of time bounds. TeamUp does not document whether it compares
// times with a precision of microseconds or of seconds.
const timeMargin = time.Second

// dateMargin widens bounds of a date if the parameter has another name or type than the
// column: TeamUp does not document which moment the report compares, nor in which time zone.
const dateMargin = 48 * time.Hour

const dateReason = "the request covers two extra days because TeamUp does not document that the parameter compares this column"

const wordReason = "TeamUp does not document how the parameter's words and the column's texts correspond"

const (
	wantIDs       = "whole numbers of 1 or more"
	wantTruth     = "true or false"
	wantDate      = "a date of the years 1 to 9999"
	wantTime      = "a time of the years 1 to 9999"
	wantTimeframe = "text of 1 to 200 characters in TeamUp's timeframe syntax"
	wantText      = "text of 1 to 200 characters"
)

// above is the parameter of the key's lower bound.
func above(rows string) Parameter {
	return Parameter{Name: "id_gt", Type: bigint, Want: "0 or more", Doc: "Only " + rows + " with a larger id",
		Answers: Answer{Column: "id", Operator: Greater}}
}

// idList is a list of ids of an object in the row; column is "" if no column has them.
func idList(name, column, doc string) Parameter {
	p := Parameter{Name: name, Type: bigints, Want: wantIDs, Doc: doc, Min: 1}
	if column != "" {
		p.Answers = Answer{Column: column, Operator: OneOf}
	}
	return p
}

// truth is a boolean; column is "" if no column has it.
func truth(name, column, doc string) Parameter {
	p := Parameter{Name: name, Type: boolean, Want: wantTruth, Doc: doc}
	if column != "" {
		p.Answers = Answer{Column: column, Operator: Equal}
	}
	return p
}

// wordList is a list of words that a column of text has; Texts has those that the column
// spells in another way.
func wordList(name, want, doc string, a Answer, words ...string) Parameter {
	if a.Column != "" {
		a.Operator, a.Reason = OneOf, wordReason
	}
	return Parameter{Name: name, Type: texts, Want: want, Doc: doc, Answers: a, Words: words}
}

func timeframe(name, doc string) Parameter {
	return Parameter{Name: name, Type: text, Want: wantTimeframe, Doc: doc + " within a timeframe, passed on as given"}
}

// dates are a lower and an upper bound of a date. If the column is "", no column has it.
func dates(name, doc string, a Answer) []Parameter {
	return bounds(name, date, wantDate, doc+" on this date", a)
}

// times are a lower and an upper bound of a time.
func times(name, doc string, a Answer) []Parameter {
	return bounds(name, timestamp, wantTime, doc+" at this time", a)
}

func bounds(name string, t Type, want, doc string, a Answer) []Parameter {
	least, most := a, a
	if a.Column != "" {
		least.Operator, most.Operator = AtLeast, AtMost
	}
	return []Parameter{
		{Name: name + "_gte", Type: t, Want: want, Doc: doc + " or later", Answers: least},
		{Name: name + "_lte", Type: t, Want: want, Doc: doc + " or earlier", Answers: most},
	}
}

// exactly, precisely and roughly are answers of bounds: of a date of the same name, of a
// time, and of a date that the parameter may not compare.
func exactly(column string) Answer   { return Answer{Column: column} }
func precisely(column string) Answer { return Answer{Column: column, Margin: timeMargin} }
func roughly(column string) Answer {
	return Answer{Column: column, Margin: dateMargin, Reason: dateReason}
}
