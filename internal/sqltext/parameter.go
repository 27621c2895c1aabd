package sqltext

import "strconv"

// Parameter is a place in a statement that stands for an argument.
type Parameter struct {
	At, End    int    // where it stands in the text
	Identifier string // "1", "2", … for ? and $1, the name for $name
}

// Parameters lists the parameters of one statement in the order of its text. Those
// that are written as ? are numbered as DuckDB numbers them.
func Parameters(text string) []Parameter {
	var list []Parameter
	questions := 0
	tokens := Tokens(text)
	for i, t := range tokens {
		switch text[t.Start:t.End] {
		case "?":
			questions++
			list = append(list, Parameter{t.Start, t.End, strconv.Itoa(questions)})
		case "$":
			if i+1 < len(tokens) && (tokens[i+1].Kind == Keyword || tokens[i+1].Kind == Number) {
				name := tokens[i+1]
				list = append(list, Parameter{t.Start, name.End, text[name.Start:name.End]})
			}
		}
	}
	return list
}

// Literals returns the contents of the quoted texts and quoted names of a statement,
// without escapes resolved.
func Literals(text string) []string {
	var list []string
	for _, t := range Tokens(text) {
		if (t.Kind == Text || t.Kind == Name) && t.End-t.Start > 2 {
			list = append(list, text[t.Start+1:t.End-1])
		}
	}
	return list
}
