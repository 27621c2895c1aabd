package scan

import (
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/report"
)

// A plain scan may read rows that were not requested, because DuckDB filters again. A
// shortcut must not, because such a row takes the place of another. So a shortcut checks
// the predicates against the rows of each response. If a row does not satisfy them, the
// scan reads all pages.

// passes reports whether all rows of a page satisfy the scan's predicates.
func (o *openScan) passes(p *arrowconv.Page) bool {
	values := map[string]func(row int) (int64, bool){}
	for _, name := range o.check.Columns() {
		value := o.steps(p, name)
		if value == nil {
			return len(p.IDs()) == 0
		}
		values[name] = value
	}
	for row := range p.IDs() {
		if !o.check.Passes(func(column string) (int64, bool) { return values[column](row) }) {
			return false
		}
	}
	return true
}

// steps reads a column of a page as [pushdown.Check.Passes] does, ok is false for NULL.
// It is nil for a column that the page lacks, or whose type no exact predicate has.
func (o *openScan) steps(p *arrowconv.Page, column string) func(row int) (v int64, ok bool) {
	if column == o.request.Query.Report.Key {
		return func(row int) (int64, bool) { return p.IDs()[row], true }
	}
	name, path, _ := strings.Cut(column, ".")
	at := slices.IndexFunc(o.fields, func(f report.Field) bool { return f.Name == name })
	if at < 0 {
		return nil
	}
	return stepsOf(p.Record().Column(at), path)
}

// stepsOf reads an array, or the field at a dotted path of an array of structs.
func stepsOf(values arrow.Array, path string) func(row int) (v int64, ok bool) {
	switch values := values.(type) {
	case *array.Struct:
		name, rest, _ := strings.Cut(path, ".")
		at, ok := values.DataType().(*arrow.StructType).FieldIdx(name)
		if !ok {
			return nil
		}
		field := stepsOf(values.Field(at), rest)
		if field == nil {
			return nil
		}
		return func(row int) (int64, bool) {
			if values.IsNull(row) {
				return 0, false
			}
			return field(row)
		}
	case *array.Boolean:
		return func(row int) (int64, bool) {
			if values.IsNull(row) || !values.Value(row) {
				return 0, values.IsValid(row)
			}
			return 1, true
		}
	case *array.Date32:
		return wholeNumbers(values.Date32Values(), values)
	case *array.Int32:
		return wholeNumbers(values.Int32Values(), values)
	case *array.Int64:
		return wholeNumbers(values.Int64Values(), values)
	case *array.Timestamp:
		return wholeNumbers(values.TimestampValues(), values)
	}
	return nil
}

func wholeNumbers[T ~int32 | ~int64](values []T, of arrow.Array) func(row int) (int64, bool) {
	return func(row int) (int64, bool) { return int64(values[row]), of.IsValid(row) }
}

// limitedRows is a source of the pages that a LIMIT needs. If the report did not filter,
// the rows do not count, and the scan continues until DuckDB has enough.
type limitedRows struct{ pagesOf }

func (l *limitedRows) Next(ctx context.Context) (*arrowconv.Page, error) {
	p, err := l.Scanner.Next(ctx)
	if err == nil && !l.of.passes(p) {
		l.ReadOn()
	}
	return p, err
}

// pages is a source over the pages of the report.
func (o *openScan) pages() source {
	all := pagesOf{httpsource.Scan(o.ctx, o.client, o.request, o.decode), o}
	if o.request.Rows > 0 {
		return &limitedRows{all}
	}
	return &all
}
