package sqltext

import "strconv"

// Parameter is a placeholder for an argument in a statement.
type Parameter struct {
	At, End    int    // its position in the text
	Identifier string // "1", "2", … for ? and $1, the name for $name
}

// Parameters lists the parameters of one statement in the order of its text. Those
// that are written as ? are numbered as DuckDB numbers them.
func Parameters(text string) []Parameter {
	var list []Parameter
	questions := 0
	for _, t := range Tokens(text) {
		switch text[t.Start:t.End] {
		case "?":
			questions++
			list = append(list, Parameter{At: t.Start, End: t.End, Identifier: strconv.Itoa(questions)})
		case "$":
			end := t.End
			for end < len(text) && IsWord(text[end]) {
				end++
			}
			if end > t.End {
				list = append(list, Parameter{At: t.Start, End: end, Identifier: text[t.End:end]})
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
		if quote := text[t.Start]; (quote == '\'' || quote == '"') && !t.Open && t.End-t.Start > 2 {
			list = append(list, text[t.Start+1:t.End-1])
		}
	}
	return list
}
