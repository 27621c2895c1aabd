package report

import (
	"fmt"
	"slices"
)

// Limits of a request, as TeamUp documents them for every report.
const (
	MaxLimit     = 100 // most rows of a response, for limit and page_size
	DefaultLimit = 50  // rows of a response without limit and page_size
	MaxIDs       = 100 // most ids in one request; TeamUp documents no limit
)

// Values of the parameter [Roles.Format]. A report's own default is csv.
const (
	FormatCSV  = "csv"
	FormatJSON = "json"
)

// Report is one of TeamUp's reports. [New] returns one; its fields must not be changed
// afterwards.
type Report struct {
	Name     string // as messages call it, for example "customers"
	Row      string // a noun for a row in messages, for example "customer"
	Function string // the table function in SQL
	Path     string // the address below the base URL
	// Columns are in their documented order.
	Columns    []Field
	Parameters []Parameter
	// Key is the column that identifies a row: a BIGINT by which the report sorts, and
	// from which paging continues.
	Key string
	// CustomerKey reports whether the key identifies a customer, so that the headers of
	// a response mark its column by holds_customer_id.
	CustomerKey bool
	Roles       Roles
	// Traits are the values of the parameter Roles.AnyOf.
	Traits []Trait
	// Derived are the columns that no parameter filters by, but whose value follows from
	// a column that has some.
	Derived []Derived
	// Filled are the columns by which the report sorts and that have a value in each
	// row, so that the first rows in their order can be requested.
	Filled []string

	keys  []string
	place map[string]int // of each key in keys
}

// Roles names the parameters that have a meaning for the engine. A report that has no
// such parameter has "" here.
type Roles struct {
	Columns                       string // keys of the columns to return, see [Report.Keys]
	Format                        string // FormatCSV or FormatJSON
	Limit, Offset, Page, PageSize string // paging
	Sort                          string // keys, with - in front for descending
	Keys                          string // only the rows with these values of the key
	KeyAbove                      string // only the rows with a larger key
	Fields                        string // ids of custom fields to return as columns
	Deleted                       string // whether deleted rows are returned
	AnyOf                         string // only rows with one of these traits
}

// Trait is a value of the parameter [Roles.AnyOf].
type Trait struct {
	Name string
	// Column is the boolean column that is true for exactly the rows with the trait; "" if
	// TeamUp does not document which column that is.
	Column string
}

// Derived is a column with the number of complete years since the date in another column.
type Derived struct {
	Column, From string
	// Margin is by how many days a bound of From is widened on each side.
	Margin int
	// Reason is the reason of the margin, as documentation and explanations show it.
	Reason string
}

// All returns every report.
func All() []*Report {
	return []*Report{Customers, CustomerMemberships, Attendances, Invoices, Classes}
}

// New checks a report and returns it ready for use.
func New(r Report) (*Report, error) {
	r.keys = nil
	for _, c := range r.Columns {
		r.addKeys(c)
	}
	r.place = make(map[string]int, len(r.keys))
	for i, key := range r.keys {
		if _, again := r.place[key]; again {
			return nil, fmt.Errorf("report %s: two fields have the key %q", r.Name, key)
		}
		r.place[key] = i
	}
	r.Columns, r.Parameters = slices.Clip(r.Columns), slices.Clone(r.Parameters)
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("report %s: %w", r.Name, err)
	}
	return &r, nil
}

// must is New for the reports of this package.
func must(r Report) *Report {
	made, err := New(r)
	if err != nil {
		panic(err)
	}
	return made
}

func (r *Report) addKeys(f Field) {
	r.keys = append(r.keys, f.Keys...)
	for _, part := range f.Type.Fields {
		r.addKeys(part)
	}
}

// check returns an error if the report refers to a column or parameter that it does not
// have. It also completes the parameters.
func (r *Report) check() error {
	if key, ok := r.Column(r.Key); !ok || key.Type.Kind != BigInt {
		return fmt.Errorf("the key %q is not a BIGINT column", r.Key)
	}
	paths := slices.Clone(r.Filled)
	for i := range r.Parameters {
		p := &r.Parameters[i]
		if other, _ := r.Parameter(p.Name); other != p {
			return fmt.Errorf("two parameters have the name %q", p.Name)
		}
		switch p.Name {
		case r.Roles.Columns:
			p.Words = r.keys
		case r.Roles.Sort:
			p.Words, p.sort = r.keys, true
		case r.Roles.AnyOf:
			p.Words = nil
			for _, t := range r.Traits {
				p.Words = append(p.Words, t.Name)
			}
			slices.Sort(p.Words)
		}
		paths = append(paths, p.Answers.Column)
	}
	for _, t := range r.Traits {
		paths = append(paths, t.Column)
	}
	for _, d := range r.Derived {
		paths = append(paths, d.Column, d.From)
	}
	for _, path := range paths {
		if _, ok := r.Field(path); path != "" && !ok {
			return fmt.Errorf("there is no column %q", path)
		}
	}
	o := r.Roles
	if slices.Contains([]string{o.Columns, o.Format, o.Limit, o.Offset, o.Sort, o.KeyAbove}, "") {
		return fmt.Errorf("a parameter is missing for columns, format, limit, offset, sort or the key's lower bound")
	}
	for _, name := range []string{o.Columns, o.Format, o.Limit, o.Offset, o.Page, o.PageSize, o.Sort, o.Keys, o.KeyAbove, o.Fields, o.Deleted, o.AnyOf} {
		if _, ok := r.Parameter(name); name != "" && !ok {
			return fmt.Errorf("there is no parameter %q", name)
		}
	}
	return nil
}

// Keys returns every value that the parameter [Roles.Columns] takes, in documented
// order: each column's keys and, after them, the keys of its fields to any depth. The
// slice must not be changed.
func (r *Report) Keys() []string { return r.keys }

// HasKey reports whether the report documents a key.
func (r *Report) HasKey(key string) bool { _, ok := r.place[key]; return ok }

// Column returns a column by its exact name.
func (r *Report) Column(name string) (Field, bool) {
	i := slices.IndexFunc(r.Columns, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return r.Columns[i], true
}

// Field returns a column, or a field of a struct by its dotted name.
func (r *Report) Field(path string) (Field, bool) { return fieldIn(r.Columns, path) }

// Parameter returns a parameter by its exact name.
func (r *Report) Parameter(name string) (*Parameter, bool) {
	i := slices.IndexFunc(r.Parameters, func(p Parameter) bool { return p.Name == name })
	if i < 0 {
		return nil, false
	}
	return &r.Parameters[i], true
}

// Named returns the parameters that are named parameters of the SQL function.
func (r *Report) Named() []Parameter {
	return slices.DeleteFunc(slices.Clone(r.Parameters), func(p Parameter) bool { return p.Engine })
}

// Filters lists the parameters that a predicate on a column turns into, as name or
// name=value. path is a column's name, or the dotted name of a struct's field.
func (r *Report) Filters(path string) []string {
	var list []string
	add := func(column string) {
		for _, p := range r.Parameters {
			if p.Answers.Column == column {
				list = append(list, p.Name)
			}
		}
	}
	add(path)
	for _, t := range r.Traits {
		if t.Column == path {
			list = append(list, r.Roles.AnyOf+"="+t.Name)
		}
	}
	for _, d := range r.Derived {
		if d.Column == path {
			add(d.From)
		}
	}
	return list
}
