package report

import "slices"

// Classes is the report of classes, as TeamUp documents it.
var Classes = must(Report{
	Name: "classes", Row: "class", Function: "teamup_classes", Path: "/reports/classes/data",
	Columns: classColumns, Parameters: classParameters, Key: "id",
	Roles:  rolesWith(Roles{}),
	Filled: []string{"id", "starts_at", "updated_at"},
})

var classColumns = []Field{
	col("id", BigInt, "Unique identifier of the class, as of the event of an attendance"),
	col("starts_at", TimestampTZ, "When the class starts"),
	col("updated_at", TimestampTZ, "When the class was last changed"),
	col("status", Varchar, "Status; TeamUp does not document its values"),
	record("offering_type", "What is offered",
		part("id", BigInt, "Identifier of the offering type", "offering_type.id", "offering_type_id"),
		part("name", Varchar, "Name of the offering type", "offering_type.name", "offering_type_name")),
	record("venue", "Where the class takes place",
		part("id", BigInt, "Identifier of the venue", "venue.id", "venue_id"),
		part("name", Varchar, "Name of the venue", "venue.name", "venue_name")),
	{Name: "instructors", Type: listOf(reference()), Keys: []string{"instructors"}, Doc: "The instructors"},
	col("start_time", Varchar, "Time of the day at which the class starts, as text"),
	col("duration_minutes", Integer, "Duration in minutes"),
	col("day_of_week", Varchar, "Day of the week, for example monday"),
	col("attendance_count", Integer, "Number of customers who attended"),
	col("late_cancel_count", Integer, "Number of customers who cancelled late"),
	col("no_show_count", Integer, "Number of customers who did not show up"),
}

var classParameters = slices.Concat(engineParameters,
	[]Parameter{
		above("classes"),
		idList("offering_types", "offering_type.id", "Only classes of these offering types"),
		idList("venues", "venue.id", "Only classes at these venues"),
		// The last word is misspelt in TeamUp's documentation, so it is here.
		wordList("day_of_week", "any of sunday, monday, tuesday, wednesday, thursday, friday, staturday", "Only classes on these days of the week; staturday is TeamUp's spelling",
			Answer{Column: "day_of_week", Texts: map[string]string{"staturday": "saturday"}},
			"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "staturday"),
		idList("durations", "", "Only classes of these durations, in minutes"),
		{Name: "instructors", Type: text, Want: wantText, Doc: "Only classes of these instructors, passed on as given"},
		{Name: "status", Type: text, Want: wantText, Doc: "Only classes with this status, passed on as given"},
		truth("include_future", "", "Whether to include future classes; the default of the API is false"),
	},
	times("starts_at", "Only classes that start", precisely("starts_at")),
	[]Parameter{timeframe("timeframe", "Only classes")},
	times("updated_at", "Only classes last changed", precisely("updated_at")))
