// Package madeup contains a report that does not exist, for tests. Code that works for it
// as for the customers report uses only [report.Report] to describe a report. It has
// another path, key and names, a list of words, a key three levels deep, and no list of
// keys, traits or custom fields.
package madeup

import "github.com/teamupsql/teamupsql/report"

// Visits is the made-up report.
var Visits = func() *report.Report {
	r, err := report.New(report.Report{
		Name: "visits", Row: "visit", Function: "made_up_visits", Path: "/elsewhere/visits.json", Key: "number",
		Columns: []report.Field{
			column("late", report.Boolean),
			column("member_since", report.DateKind),
			column("years", report.Integer),
			column("state", report.Varchar),
			column("number", report.BigInt),
			{Name: "place", Keys: []string{"place"}, Doc: "Where", Type: record(
				report.Field{Name: "name", Type: of(report.Varchar), Keys: []string{"place.name"}, Doc: "Name"},
				report.Field{Name: "room", Keys: []string{"place.room"}, Doc: "Room", Type: record(
					report.Field{Name: "code", Type: of(report.BigInt), Keys: []string{"place.room.code"}, Doc: "Code"},
					report.Field{Name: "seats", Type: of(report.Integer), Keys: []string{"place.room.seats"}, Doc: "Seats"})})},
			column("begins", report.TimestampTZ),
		},
		Parameters: []report.Parameter{
			{Name: "fields", Type: listOf(report.Varchar), Want: "names of columns", Engine: true},
			{Name: "as", Type: of(report.Varchar), Want: "csv or json", Engine: true, Words: []string{report.FormatCSV, report.FormatJSON}},
			{Name: "take", Type: of(report.Integer), Want: "0 to 100", Engine: true, Max: report.MaxLimit},
			{Name: "skip", Type: of(report.Integer), Want: "0 or more", Engine: true},
			{Name: "order", Type: listOf(report.Varchar), Want: "names of columns", Engine: true},
			{Name: "after", Type: of(report.BigInt), Want: "0 or more", Answers: report.Answer{Column: "number", Operator: report.Greater}},
			{Name: "states", Type: listOf(report.Varchar), Want: "came, missed", Words: []string{"missed", "came"},
				Answers: report.Answer{Column: "state", Operator: report.OneOf, Reason: "the words are not published"}},
			{Name: "rooms", Type: listOf(report.BigInt), Want: "whole numbers of 1 or more", Min: 1,
				Answers: report.Answer{Column: "place.room.code", Operator: report.OneOf}},
			{Name: "was_late", Type: of(report.Boolean), Want: "true or false", Answers: report.Answer{Column: "late", Operator: report.Equal}},
			{Name: "since_gte", Type: of(report.DateKind), Want: "a date", Answers: report.Answer{Column: "member_since", Operator: report.AtLeast}},
			{Name: "since_lte", Type: of(report.DateKind), Want: "a date", Answers: report.Answer{Column: "member_since", Operator: report.AtMost}},
			{Name: "seated", Type: of(report.Boolean), Want: "true or false",
				Answers: report.Answer{Column: "place.room.seats", Operator: report.Positive, Reason: "what counts as seated is not published"}},
		},
		Roles:   report.Roles{Columns: "fields", Format: "as", Limit: "take", Offset: "skip", Sort: "order", KeyAbove: "after"},
		Derived: []report.Derived{{Column: "years", From: "member_since", Margin: 3, Reason: "the zone is not published"}},
		Filled:  []string{"number"},
	})
	if err != nil {
		panic(err)
	}
	return r
}()

func of(k report.Kind) report.Type { return report.Type{Kind: k} }

func listOf(k report.Kind) report.Type {
	return report.Type{Kind: report.List, Elem: &report.Type{Kind: k}}
}

func record(fields ...report.Field) report.Type {
	return report.Type{Kind: report.Struct, Fields: fields}
}

func column(name string, k report.Kind) report.Field {
	return report.Field{Name: name, Type: of(k), Keys: []string{name}, Doc: name}
}
