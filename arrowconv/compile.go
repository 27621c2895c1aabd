package arrowconv

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/report"
)

// newRoot returns the record that reads a row: the columns and, as its last field, the
// report's key if it is not among them.
func newRoot(of *report.Report, columns []report.Field) (root *record, id *fixed[int64], err error) {
	if !slices.ContainsFunc(columns, func(f report.Field) bool { return f.Name == of.Key }) {
		key, _ := of.Column(of.Key)
		columns = append(slices.Clone(columns), key)
	}
	root = &record{}
	for i, f := range columns {
		c, err := newColumn(f, f.Name)
		if err != nil {
			return nil, nil, err
		}
		root.add(c)
		if err := root.members.bindField(f, f.Name, f.Keys, c, nil); err != nil {
			return nil, nil, err
		}
		if f.Name != of.Key {
			continue
		}
		var ok bool
		if id, ok = root.parts[i].(*fixed[int64]); !ok || f.Type.Kind != report.BigInt {
			return nil, nil, fmt.Errorf("arrowconv: column %s is a %s, want BIGINT", f.Name, f.Type.SQL())
		}
	}
	return root, id, nil
}

// newColumn returns the column of a field; path is its dotted name.
func newColumn(f report.Field, path string) (column, error) {
	switch f.Type.Kind {
	case report.Boolean:
		return &boolean{leaf: newLeaf(f, path)}, nil
	case report.Integer:
		return &fixed[int32]{leaf: newLeaf(f, path), convert: toInteger, whole: wholeInteger}, nil
	case report.BigInt:
		return &fixed[int64]{leaf: newLeaf(f, path), convert: toBigInt, whole: wholeBigInt}, nil
	case report.Double:
		return &fixed[float64]{leaf: newLeaf(f, path), convert: toDouble}, nil
	case report.Varchar, report.AnyText:
		return &text{leaf: newLeaf(f, path), ends: []int32{0}, any: f.Type.Kind == report.AnyText}, nil
	case report.DateKind:
		return &fixed[int32]{leaf: newLeaf(f, path), convert: toDate}, nil
	case report.TimestampTZ:
		return &fixed[int64]{leaf: newLeaf(f, path), convert: toTimestamp}, nil
	case report.Decimal:
		return &fixed[decimal]{leaf: newLeaf(f, path), convert: toDecimal, whole: wholeDecimal}, nil
	case report.Struct:
		return newRecord(f, path)
	case report.List:
		return newList(f, path)
	}
	return nil, fmt.Errorf("arrowconv: column %s is of no known type", path)
}

func newLeaf(f report.Field, path string) leaf { return leaf{path: path, want: f.Type.SQL()} }

func newRecord(f report.Field, path string) (column, error) {
	if len(f.Type.Fields) == 0 {
		return nil, fmt.Errorf("arrowconv: struct %s has no parts", path)
	}
	r := &record{}
	for _, part := range f.Type.Fields {
		c, err := newColumn(part, path+"."+part.Name)
		if err != nil {
			return nil, err
		}
		r.add(c)
		if err := r.members.bindField(part, part.Name, nil, c, nil); err != nil {
			return nil, err
		}
	}
	r.leaf = newLeaf(f, path)
	return r, nil
}

func newList(f report.Field, path string) (column, error) {
	if f.Type.Elem == nil {
		return nil, fmt.Errorf("arrowconv: list %s has no elements", path)
	}
	element, err := newColumn(report.Field{Name: f.Name, Type: *f.Type.Elem}, path)
	if err != nil {
		return nil, err
	}
	return &list{leaf: newLeaf(f, path), ends: []int32{0}, element: element}, nil
}

// bindField binds all names that the column can have in this object: its own, the given
// keys, and the flattened names of its fields.
func (o *object) bindField(f report.Field, name string, keys []string, c column, owners []*record) error {
	names := append([]string{name}, keys...)
	slices.Sort(names)
	for _, n := range slices.Compact(names) {
		if err := o.bind(n, c, owners); err != nil {
			return err
		}
		// The struct itself reads its fields.
		if len(owners) == 0 && strings.Contains(n, ".") {
			if err := o.bindPath(n, c, nil); err != nil {
				return err
			}
		}
	}
	r, ok := c.(*record)
	if !ok {
		return nil
	}
	owners = append(slices.Clone(owners), r)
	for i, part := range f.Type.Fields {
		if err := o.bindField(part, name+"."+part.Name, part.Keys, r.parts[i], owners); err != nil {
			return err
		}
	}
	return nil
}
