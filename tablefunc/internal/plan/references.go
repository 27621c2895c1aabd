package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// reference is a table that a query names in its text.
type reference struct {
	at, end  int    // where the name, or the call of a table function, stands
	name     string // of the table or function, without its schema
	alias    string // what its columns are qualified with, as far as the text says
	isCall   bool
	schema   string
	database string
	ctes     *scope // the common table expressions that can be seen where it stands
}

// references lists the tables and table functions of a query in the order of the
// text, from DuckDB's serialized parse tree. Names of common table expressions
// are left out, since they are no tables of the catalogue.
func references(text string, tree []byte) ([]reference, error) {
	decoder := json.NewDecoder(bytes.NewReader(tree))
	decoder.UseNumber()
	var root map[string]any
	if err := decoder.Decode(&root); err != nil {
		return nil, fmt.Errorf("the parse tree is no JSON: %w", err)
	}
	if failed, _ := root["error"].(bool); failed {
		return nil, fmt.Errorf("no parse tree: %v", root["error_message"])
	}
	w := treeWalk{text: text}
	w.walk(root, nil)
	sort.Slice(w.found, func(i, j int) bool { return w.found[i].at < w.found[j].at })
	return w.found, w.err
}

// NamesOneDatabase reports whether the tables of a statement are named without a schema or
// database, so that it does not name those of another database. It does not if that is
// unclear.
func (p Planner) NamesOneDatabase(statement string) bool {
	query := sqltext.InnerQuery(statement)
	tree, err := p.ParseTree(query)
	if err != nil {
		return false
	}
	refs, err := references(query, []byte(tree))
	return err == nil && !slices.ContainsFunc(refs, func(r reference) bool { return r.schema != "" || r.database != "" })
}

type treeWalk struct {
	text  string
	found []reference
	err   error
}

// scope is the names of the common table expressions that a part of a query sees.
type scope struct {
	name string
	rest *scope
}

func (s *scope) has(name string) bool {
	for ; s != nil; s = s.rest {
		if strings.EqualFold(s.name, name) {
			return true
		}
	}
	return false
}

// over is the names of both.
func (s *scope) over(outer *scope) *scope {
	if s == nil {
		return outer
	}
	return &scope{s.name, s.rest.over(outer)}
}

func (w *treeWalk) walk(node any, ctes *scope) {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			w.walk(child, ctes)
		}
	case map[string]any:
		if node["type"] == "RECURSIVE_CTE_NODE" {
			ctes = &scope{stringAt(node, "cte_name"), ctes}
		}
		ctes = w.with(node, ctes)
		w.note(node, ctes)
		for key, child := range node {
			if key != "cte_map" {
				w.walk(child, ctes)
			}
		}
	}
}

// with walks the common table expressions of a query, each of which sees those
// before it, and returns what the query sees.
func (w *treeWalk) with(node map[string]any, ctes *scope) *scope {
	withs, _ := node["cte_map"].(map[string]any)
	entries, _ := withs["map"].([]any)
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		w.walk(entry["value"], ctes)
		ctes = &scope{stringAt(entry, "key"), ctes}
	}
	return ctes
}

func (w *treeWalk) note(node map[string]any, ctes *scope) {
	switch node["type"] {
	case "BASE_TABLE":
		r := reference{name: stringAt(node, "table_name"), schema: stringAt(node, "schema_name"),
			database: stringAt(node, "catalog_name"), alias: stringAt(node, "alias"), ctes: ctes}
		if r.schema != "" || !ctes.has(r.name) {
			w.add(node, r)
		}
	case "TABLE_FUNCTION":
		function, _ := node["function"].(map[string]any)
		w.add(node, reference{name: stringAt(function, "function_name"), schema: stringAt(function, "schema"),
			alias: stringAt(node, "alias"), isCall: true, ctes: ctes})
	}
}

// add finds where the reference ends in the text.
func (w *treeWalk) add(node map[string]any, r reference) {
	number, _ := node["query_location"].(json.Number)
	at, err := number.Int64()
	if err != nil || at < 0 || int(at) >= len(w.text) {
		w.err = fmt.Errorf("the parse tree does not say where %q stands", r.name)
		return
	}
	r.at = int(at)
	r.end = r.at + sqltext.NameLength(w.text[r.at:])
	if r.isCall {
		words := sqltext.TopWords(w.text[r.end:])
		if len(words) == 0 || !words[0].Group || strings.TrimSpace(w.text[r.end:r.end+words[0].Start]) != "" {
			w.err = fmt.Errorf("no call of %q where the parse tree says", r.name)
			return
		}
		r.end += words[0].End
	}
	if !strings.Contains(strings.ToLower(w.text[r.at:r.end]), strings.ToLower(strings.ReplaceAll(r.name, "'", "''"))) {
		w.err = fmt.Errorf("%q does not stand where the parse tree says", r.name)
		return
	}
	w.found = append(w.found, r)
}

func stringAt(node map[string]any, key string) string {
	s, _ := node[key].(string)
	return s
}
