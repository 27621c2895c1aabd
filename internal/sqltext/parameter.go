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
	for i := 0; i < len(text); {
		n, kind := token(text[i:], i > 0 && IsWord(text[i-1]))
		switch {
		case kind != solid || n > 1:
		case text[i] == '?':
			questions++
			list = append(list, Parameter{At: i, End: i + 1, Identifier: strconv.Itoa(questions)})
		case text[i] == '$' && (i == 0 || !IsWord(text[i-1])):
			for i+n < len(text) && IsWord(text[i+n]) {
				n++
			}
			if n > 1 {
				list = append(list, Parameter{At: i, End: i + n, Identifier: text[i+1 : i+n]})
			}
		}
		i += n
	}
	return list
}

// Literals returns the contents of the quoted texts and quoted names of a statement,
// without escapes resolved.
func Literals(text string) []string {
	var list []string
	for i := 0; i < len(text); {
		n, kind := token(text[i:], i > 0 && IsWord(text[i-1]))
		if kind == solid && n > 2 && (text[i] == '\'' || text[i] == '"') {
			list = append(list, text[i+1:i+n-1])
		}
		i += n
	}
	return list
}
