package teamuptest

import "time"

// The words of generated customers. Each list ends with unusual ones: other scripts,
// combining marks, emoji, quotes, separators and line breaks, empty text and text that
// looks like another type.
var (
	firstNames = []string{
		"Olivia", "Amelia", "Isla", "Ava", "Mia", "Ivy", "Lily", "Noah", "George", "Oliver", "Arthur", "Muhammad",
		"Leo", "Harry", "Grace", "Sofía", "Zoë", "Jürgen", "François", "Łukasz", "Søren", "Siân", "Priya", "Kwame",
	}
	oddFirstNames = []string{
		"Zoe\u0308", "李娜", "さくら", "محمد", "שרה", "Владимир", "👩‍🚀 Kim", "Anne, Marie", `Bob "Bobby"`, "D'Arcy",
		`back\slash`, "two\nlines", "tab\tbed", "", " spaced ", "null", "Ngọc Ánh", "𝒟ana", "semi;colon", "</script>",
	}
	lastNames = []string{
		"Smith", "Jones", "Taylor", "Brown", "Williams", "Wilson", "Johnson", "Davies", "Patel", "Wright", "Khan",
		"O'Connor", "Müller", "García", "Nowak", "Nguyen", "Okafor", "Rossi", "Sørensen", "Żółć", "Cohen", "Silva",
	}
	oddLastNames = []string{
		"王", "鈴木", "الخطيب", "Παπαδόπουλος", "Smith, Jr.", `"Quote"`, `C:\dir`, "line\r\nbreak", "Müller\u200b",
		"de la Cruz y Pérez", "N/A", "0", "true", "🏋️", "e\u0301clair", "pipe|bar", "\u2028sep", "X Æ A-12",
	}
	asciiNames  = []string{"kim", "sam", "alex", "jo", "max", "pat", "ren", "sky", "ash", "lee", "dana", "ravi"}
	mailHosts   = []string{"example.com", "example.org", "mail.example.net", "exämple.test"}
	genders     = []string{"female", "male", "non-binary", "prefer not to say"}
	streets     = []string{"High Street", "Station Road", "Rue de l’Église", "Hauptstraße", "中山路", "Apt. 4, \"The Mill\"", "Main St\nUnit 7"}
	cities      = []string{"London", "Leeds", "München", "Zürich", "São Paulo", "東京", "القاهرة", "New York", "Kraków", "Cardiff"}
	regions     = []string{"Greater London", "West Yorkshire", "Bayern", "NY", "Île-de-France", ""}
	countries   = []string{"GB", "DE", "US", "FR", "JP", "PL"}
	relations   = []string{"Mother", "Father", "Partner", "Friend", "Sibling", "Grand-mère"}
	leadSources = []string{"Website", "Walk-in", "Instagram", "Friend, or family", "Google \"Ads\"", "Flyer"}
	eventNames  = []string{"Yoga Flow", "HIIT 45", "Pilates", "Swim Squad", "Kids' Judo", "Spin & Sprint", "Boxe 🥊", "瑜伽", "Barre, beginners", "Open Gym"}
	codes       = []string{"FRIEND10", "007", "1e5", "SUMMER-25", "ÄÖÜ", "a,b"}

	venues      = refs(301, "Riverside Studio", "Mill Lane Gym", "Centre Équestre", "Dojo 道場", "Pool, North", "The \"Box\"", "Old Town")
	instructors = refs(701, "Ana Ruiz", "Ben Oduya", "Chloé Martin", "Dmitri Волков", "Eun-ji 김", "Fatima الزهراء", "Gus O'Neil", "Hana Sato", "Ivo, Jr.", "Jess")
	memberships = refs(101, "Unlimited Monthly", "10-Class Pass", "Student", "Family", "Off-Peak", "Drop-in", "Corporate", "Kids",
		"Trial Week", "Annual", "Swim Only", "Yoga +", "Früh", "月会员", "VIP ⭐", "Summer '25", "Staff", "Online", "Duo", "Legacy, frozen")

	currencies = []Currency{
		{"gbp", "£", false, 2}, {"eur", "€", true, 2}, {"usd", "$", false, 2}, {"jpy", "¥", false, 0},
		{"kwd", "د.ك", true, 3}, {"clf", "UF", false, 4}, {"sek", "kr", true, 2},
	}

	// zones are fixed, so that the data does not depend on the machine's zone files.
	zones = []*time.Location{
		time.UTC, time.UTC, time.UTC, zone(60), zone(60), zone(-300), zone(330), zone(765), zone(-210), zone(0),
	}

	// edges are moments around changes of day, year and summer time.
	edges = instants(
		"2025-03-30T00:59:59.999999Z", "2025-03-30T02:00:00+01:00", "2025-10-26T01:30:00+01:00", "2025-10-26T01:30:00+00:00",
		"2024-12-31T23:59:59.999999Z", "2025-01-01T00:00:00Z", "2025-01-01T00:00:00+14:00", "2024-02-29T12:00:00.5-12:00",
		"2025-06-15T12:00:00Z", "2025-06-15T12:00:00.000001Z", "2025-06-15T12:00:00.999999Z", "2025-06-15T12:00:01Z",
		"1970-01-01T00:00:00Z", "1969-12-31T23:59:59.5Z", "2000-02-29T00:00:00+01:00", "2025-11-02T01:30:00-05:00",
	)
)

// Memberships returns the memberships of the generated data; their ids are valid values of
// the active_memberships parameter.
func Memberships() []Ref { return append([]Ref(nil), memberships...) }

// Venues lists the venues of the generated data.
func Venues() []Ref { return append([]Ref(nil), venues...) }

func refs(first int64, names ...string) []Ref {
	list := make([]Ref, len(names))
	for i, name := range names {
		list[i] = Ref{first + 3*int64(i), Some(name)}
	}
	return list
}

func zone(minutes int) *time.Location { return time.FixedZone("", minutes*60) }

func instants(texts ...string) []time.Time {
	list := make([]time.Time, len(texts))
	for i, s := range texts {
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			panic(err) // a literal above is wrong
		}
		list[i] = t.UTC() // not Local, which the machine decides
		if _, offset := t.Zone(); offset != 0 {
			list[i] = t.In(zone(offset / 60))
		}
	}
	return list
}
