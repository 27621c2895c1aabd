package pushdown

import (
	"slices"

	"github.com/teamupsql/teamupsql/report"
)

// wordsOf returns the parameter that takes a list of words for a column of text. A set of
// such a column counts its texts by the index of the parameter's words; every other text
// has the indexes behind them. ok is false if there is no such parameter.
func wordsOf(c columnExpr) (p report.Parameter, ok bool) {
	if c.of == nil || c.Type.Kind != report.Varchar {
		return p, false
	}
	i := slices.IndexFunc(c.of.Parameters, func(p report.Parameter) bool { return p.Answers.Column == c.Path && isWords(p) })
	if i < 0 {
		return p, false
	}
	return c.of.Parameters[i], true
}

func isWords(p report.Parameter) bool {
	return p.Answers.Operator == report.OneOf && p.Type.Elem.Kind == report.Varchar
}

// wordPreimage is where the column's text equals v. Other texts share their indexes, so
// that it is not certain that the text is v.
func wordPreimage(p report.Parameter, v value) (preimage, bool) {
	text, ok := v.any.(string)
	for i, word := range p.Words {
		if ok && p.Answers.Text(word) == text {
			return preimage{low: int64(i), high: int64(i)}, true
		}
	}
	return preimage{low: int64(len(p.Words)), high: maxValue, fuzzy: true}, ok
}

// words lists the words of a set that contains no other text.
func words(p report.Parameter, s set) ([]string, bool) {
	indexes, ok := enumerate(s, 0, uint64(len(p.Words)))
	var list []string
	for _, i := range indexes {
		if i >= int64(len(p.Words)) {
			return nil, false
		}
		list = append(list, p.Words[i])
	}
	return list, ok
}
