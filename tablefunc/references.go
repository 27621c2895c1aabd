package tablefunc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// reference is a table that a query names in its text.
type reference struct {
	at, end  int    // where the name, or the call of a table function, stands
	name     string // of the table or function, without its schema
	alias    string // what its columns are qualified with, as far as the text says
	isCall   bool
	schema   string
	database string
}

// references lists the tables and table functions of a query in the order of the
// text, from DuckDB's serialized parse tree. Names of common table expressions
// are left out, since they are no tables of the catalogue.
func references(text string, tree []byte) ([]reference, error) {
	decoder := json.NewDecoder(bytes.NewReader(tree))
	decoder.UseNumber()
	var root map[string]any
	if err := decoder.Decode(&root); err != nil {
		return nil, fmt.Errorf("tablefunc: the parse tree is no JSON: %w", err)
	}
	if failed, _ := root["error"].(bool); failed {
		return nil, fmt.Errorf("tablefunc: no parse tree: %v", root["error_message"])
	}
	w := treeWalk{text: text, ctes: map[string]bool{}}
	w.walk(root)
	var found []reference
	for _, r := range w.found {
		if r.isCall || r.schema != "" || !w.ctes[strings.ToLower(r.name)] {
			found = append(found, r)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].at < found[j].at })
	return found, w.err
}

type treeWalk struct {
	text  string
	ctes  map[string]bool
	found []reference
	err   error
}

func (w *treeWalk) walk(node any) {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			w.walk(child)
		}
	case map[string]any:
		w.note(node)
		for _, child := range node {
			w.walk(child)
		}
	}
}

func (w *treeWalk) note(node map[string]any) {
	if ctes, ok := node["cte_map"].(map[string]any); ok {
		entries, _ := ctes["map"].([]any)
		for _, e := range entries {
			entry, _ := e.(map[string]any)
			w.ctes[strings.ToLower(stringAt(entry, "key"))] = true
		}
	}
	switch node["type"] {
	case "BASE_TABLE":
		w.add(node, reference{name: stringAt(node, "table_name"), schema: stringAt(node, "schema_name"),
			database: stringAt(node, "catalog_name"), alias: stringAt(node, "alias")})
	case "TABLE_FUNCTION":
		function, _ := node["function"].(map[string]any)
		w.add(node, reference{name: stringAt(function, "function_name"), schema: stringAt(function, "schema"),
			alias: stringAt(node, "alias"), isCall: true})
	}
}

// add finds where the reference ends in the text.
func (w *treeWalk) add(node map[string]any, r reference) {
	number, _ := node["query_location"].(json.Number)
	at, err := number.Int64()
	if err != nil || at < 0 || int(at) >= len(w.text) {
		w.err = fmt.Errorf("tablefunc: the parse tree does not say where %q stands", r.name)
		return
	}
	r.at = int(at)
	r.end = r.at + nameLength(w.text[r.at:])
	if r.isCall {
		words := topWords(w.text[r.end:])
		if len(words) == 0 || !words[0].group || strings.TrimSpace(w.text[r.end:r.end+words[0].at]) != "" {
			w.err = fmt.Errorf("tablefunc: no call of %q where the parse tree says", r.name)
			return
		}
		r.end += words[0].end
	}
	if !strings.Contains(strings.ToLower(w.text[r.at:r.end]), strings.ToLower(strings.ReplaceAll(r.name, "'", "''"))) {
		w.err = fmt.Errorf("tablefunc: %q does not stand where the parse tree says", r.name)
		return
	}
	w.found = append(w.found, r)
}

// nameLength measures a name, quoted or not, with the names of schema and
// database before it.
func nameLength(s string) int {
	n := 0
	for n < len(s) {
		if s[n] == '"' || s[n] == '\'' {
			n += quotedLength(s[n:], 0, false)
		} else {
			for n < len(s) && isWord(s[n]) {
				n++
			}
		}
		if n >= len(s) || s[n] != '.' {
			break
		}
		n++
	}
	return n
}

func stringAt(node map[string]any, key string) string {
	s, _ := node[key].(string)
	return s
}
