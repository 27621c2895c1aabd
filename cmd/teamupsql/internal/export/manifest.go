package export

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/teamupsql/teamupsql/report"
)

// manifest describes how a snapshot was made. Engines skip files whose names begin with an
// underscore.
type manifest struct {
	Format         int       `json:"format"`
	Source         string    `json:"source"`
	Columns        []column  `json:"columns"`
	Partitions     []level   `json:"partitions,omitempty"`
	Where          string    `json:"where,omitempty"`
	IncludeDeleted bool      `json:"include_deleted,omitempty"`
	Full           time.Time `json:"full"`    // when the run began that read all customers
	Written        time.Time `json:"written"` // when the run began that made the snapshot
	Rows           int       `json:"rows"`
	Files          int       `json:"files"`
}

type column struct {
	Name string `json:"name"`
	Type string `json:"type"` // in SQL
}

const (
	manifestFile   = "_export.json"
	manifestFormat = 2 // 1 had NULLs in __HIVE_DEFAULT_PARTITION__
)

func (m manifest) write(dir string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, manifestFile), append(text, '\n'), fileMode)
}

func readManifest(dir string) (*manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestFile))
	var is struct{ Format int } // another one may have other members
	if err == nil {
		err = json.Unmarshal(text, &is)
	}
	m := &manifest{}
	switch {
	case err != nil:
	case is.Format != manifestFormat:
		err = fmt.Errorf("its format is %d instead of %d", is.Format, manifestFormat)
	default:
		err = json.Unmarshal(text, m)
	}
	if err != nil {
		return nil, notAddable(err)
	}
	return m, nil
}

func notAddable(err error) error {
	return fmt.Errorf("the current snapshot cannot be added to (%w); -full writes a new one", err)
}

// wider contains the types of columns and partitions that are wider in the snapshot than
// now, by their names in lower case.
type wider map[string]string

// widen gives custom fields the types that they have in the old manifest. Each process
// infers them again from the first customers. A narrower type is no reason for a full run.
func (m *manifest) widen(old *manifest) wider {
	w := wider{}
	for i, c := range m.Columns {
		at := slices.IndexFunc(old.Columns, func(o column) bool { return o.Name == c.Name })
		if _, ofReport := report.Customers.Column(c.Name); ofReport || at < 0 || !slices.Contains(narrower[old.Columns[at].Type], c.Type) {
			continue
		}
		m.Columns[i].Type = old.Columns[at].Type
		w[strings.ToLower(c.Name)] = old.Columns[at].Type
	}
	for i, l := range m.Partitions {
		at := slices.IndexFunc(old.Partitions, func(o level) bool { return o.partition() == l.partition() })
		if at >= 0 && slices.Contains(narrower[old.Partitions[at].Type], l.Type) {
			m.Partitions[i].Type = old.Partitions[at].Type
			w[l.Name] = old.Partitions[at].Type
		}
	}
	return w
}

// narrower is the types of custom fields whose values another type takes.
var narrower = map[string][]string{"VARCHAR": {"BOOLEAN", "BIGINT", "DOUBLE"}, "DOUBLE": {"BIGINT"}}

// MismatchError indicates that customers cannot be added to a snapshot, because it was made
// with other settings.
type MismatchError struct {
	What     string // columns, partitions, conditions, deleted customers or customers
	Why      string // the difference
	Snapshot string // when it was made
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("new customers cannot be added to the snapshot of %s: its %s differ (%s); run with -full to write all customers",
		e.Snapshot, e.What, e.Why)
}

// fits returns an error if rows of the fresh manifest cannot be added to those of the old
// one.
func (m *manifest) fits(fresh manifest) error {
	differs := func(what, why string) error {
		return &MismatchError{What: what, Why: why, Snapshot: m.Written.Format(time.RFC3339)}
	}
	if why := sameColumns(m.Columns, fresh.Columns); why != "" {
		return differs("columns", why)
	}
	if why := sameLevels(m.Partitions, fresh.Partitions); why != "" {
		return differs("partitions", why)
	}
	if m.Where != fresh.Where {
		return differs("conditions", fmt.Sprintf("%q instead of %q", fresh.Where, m.Where))
	}
	if m.IncludeDeleted != fresh.IncludeDeleted {
		return differs("deleted customers", fmt.Sprintf("included: %t instead of %t", fresh.IncludeDeleted, m.IncludeDeleted))
	}
	if m.Source != fresh.Source {
		return differs("customers", fmt.Sprintf("they are from %s instead of %s", fresh.Source, m.Source))
	}
	return nil
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
