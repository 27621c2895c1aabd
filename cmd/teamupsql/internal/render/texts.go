package render

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// Texts converts values to text with DuckDB. It passes data chunks back to DuckDB by
// reference, through a table function, and reads the result of
//
//	SELECT CAST(c0 AS VARCHAR), … FROM that_function(…)
//
// So the text is DuckDB's for every type. Texts needs a separate connection to the database
// of the results. It is not safe for concurrent use.
type Texts struct {
	conn   mapping.Connection
	chunks *chunkTable
	set    map[string]string // session settings that decide how values look
}

// NewTexts prepares conn for the purpose. The connection stays the caller's and
// must outlive the Texts.
func NewTexts(conn mapping.Connection) (*Texts, error) {
	t := &Texts{conn: conn, chunks: &chunkTable{entries: map[int64]*entry{}}, set: map[string]string{}}
	if err := t.chunks.register(conn); err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	// The function is in the system catalog. The database that the connection began
	// with may be detached any time.
	return t, t.run("SET search_path = 'system.main'")
}

// Follow sets a session setting, such as TimeZone, to the value of the connection that the
// results come from.
func (t *Texts) Follow(setting, value string) error {
	if t.set[setting] == value {
		return nil
	}
	if err := t.run("SET " + setting + " = " + sqltext.QuoteText(value)); err != nil {
		return err
	}
	t.set[setting] = value
	return nil
}

func (t *Texts) run(sql string) error {
	var result mapping.Result
	defer mapping.DestroyResult(&result)
	if mapping.Query(t.conn, sql, &result) != mapping.StateSuccess {
		return fmt.Errorf("render: %s", mapping.ResultError(&result))
	}
	return nil
}

// caster turns the chunks of one result into text.
type caster struct {
	texts *Texts
	entry *entry
	id    int64
	stmt  mapping.PreparedStatement
	show  func(string) string // how texts are shown; nil for as they are
}

// cast prepares for chunks of these types. With json, nested values and floating-point
// numbers are converted to JSON.
func (t *Texts) cast(types []mapping.LogicalType, json bool) (*caster, error) {
	c := &caster{texts: t, entry: &entry{types: types}}
	c.id = t.chunks.put(c.entry)
	columns := make([]string, len(types))
	for i, typ := range types {
		columns[i] = "CAST(" + columnName(i) + " AS VARCHAR)"
		if json && asJSON(typ) {
			columns[i] = "CAST(CAST(" + columnName(i) + " AS JSON) AS VARCHAR)"
		}
	}
	sql := "SELECT " + strings.Join(columns, ", ") + " FROM " + c.source()
	if mapping.Prepare(t.conn, sql, &c.stmt) != mapping.StateSuccess {
		err := errors.New(mapping.PrepareError(c.stmt))
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *caster) close() {
	mapping.DestroyPrepare(&c.stmt)
	c.texts.chunks.drop(c.id)
}

func (c *caster) source() string { return chunkFunction + "(" + strconv.FormatInt(c.id, 10) + ")" }

// typeNames are the types as SQL writes them.
func (c *caster) typeNames() ([]string, error) {
	var result mapping.Result
	defer mapping.DestroyResult(&result)
	sql := "SELECT column_type FROM (DESCRIBE FROM " + c.source() + ")"
	if mapping.Query(c.texts.conn, sql, &result) != mapping.StateSuccess {
		return nil, fmt.Errorf("render: %s", mapping.ResultError(&result))
	}
	b, err := readAll(&result)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(b.cells[0]))
	for i, cell := range b.cells[0] {
		names[i] = cell.text
	}
	return names, nil
}

// text turns one chunk into text. The chunk is not used afterwards.
func (c *caster) text(chunk mapping.DataChunk) (*batch, error) {
	c.entry.chunk, c.entry.ready = chunk, true
	var result mapping.Result
	defer mapping.DestroyResult(&result)
	if mapping.ExecutePrepared(c.stmt, &result) != mapping.StateSuccess {
		return nil, errors.New(mapping.ResultError(&result))
	}
	b, err := readAll(&result)
	if err == nil && c.show != nil {
		for _, cells := range b.cells {
			for row := range cells {
				cells[row].text = c.show(cells[row].text)
			}
		}
	}
	return b, err
}

func columnName(i int) string { return "c" + strconv.Itoa(i) }
