package export

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/teamupsql/teamupsql/internal/sqltext"
)

// Partition is a level of directories, one for each value of an SQL expression.
type Partition struct {
	Name string // of the column that engines see, as in name=value
	Expr string
}

// DefaultPartition is one directory for each year in which customers were created.
var DefaultPartition = Partition{Name: "created_year", Expr: "year(created_at)"}

var (
	partition = regexp.MustCompile(`(?s)^\s*([a-z_][a-z0-9_]*)\s*=\s*([^=\s].*)$`)
	plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)
)

// ParsePartition reads name=EXPRESSION, or a column's name, for which the directories
// are called by_column: the column itself stays in the files.
func ParsePartition(text string) (Partition, error) {
	if m := partition.FindStringSubmatch(text); m != nil {
		return Partition{Name: m[1], Expr: strings.TrimSpace(m[2])}, nil
	}
	if plainName.MatchString(text) {
		return Partition{Name: "by_" + text, Expr: text}, nil
	}
	return Partition{}, fmt.Errorf("give %q a name in lower case, as in created_month=month(created_at)", text)
}

// String is the partition as [ParsePartition] reads it.
func (p Partition) String() string { return p.Name + "=" + p.Expr }

// level is a partition as a manifest has it.
type level struct {
	Name string `json:"name"`
	Expr string `json:"expression"`
	Type string `json:"type"` // of the expression, in SQL
}

func (l level) partition() Partition { return Partition{Name: l.Name, Expr: l.Expr} }

// stand returns the value in the directory name of rows whose value is NULL or ”. Hive's
// name for it, __HIVE_DEFAULT_PARTITION__, is not a valid number, boolean or date for
// readers that infer types from the names. This value has the type of the others.
func (l level) stand() string {
	switch name, _, _ := strings.Cut(l.Type, "("); {
	case slices.Contains(numbers, name):
		return "-1"
	case name == "DATE":
		return "1970-01-01"
	case strings.HasPrefix(name, "TIMESTAMP WITH"):
		return "1970-01-01 00:00:00+00"
	case strings.HasPrefix(name, "TIMESTAMP"):
		return "1970-01-01 00:00:00"
	}
	return "unknown"
}

var numbers = []string{"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
	"UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL"}

// directory returns the name of the directory as DuckDB writes it.
func (l level) directory() string { return l.Name + "=" + escapes.Replace(l.stand()) }

var escapes = strings.NewReplacer(" ", "%20", ":", "%3A", "+", "%2B")

// value is the SQL of the directories' names, from the SQL of the expression. The names
// true and false would have readers infer a type that has no value for NULL.
func (l level) value(expression string) string {
	text := "CAST(" + expression + " AS VARCHAR)"
	if l.Type == "BOOLEAN" {
		text = "CASE " + expression + " WHEN true THEN 'yes' WHEN false THEN 'no' END"
	}
	return "coalesce(nullif(" + text + ", ''), " + sqltext.QuoteText(l.stand()) + ")"
}

// sameLevels describes the difference between two lists of partitions, "" for none.
func sameLevels(old, fresh []level) string {
	if slices.Equal(old, fresh) {
		return ""
	}
	var before, after []string
	for _, l := range old {
		before = append(before, l.partition().String())
	}
	for _, l := range fresh {
		after = append(after, l.partition().String())
	}
	if !slices.Equal(before, after) {
		return fmt.Sprintf("%s instead of %s", list(after), list(before))
	}
	for i, l := range fresh {
		if l.Type != old[i].Type {
			return fmt.Sprintf("%s would be %s instead of %s", l.Name, l.Type, old[i].Type)
		}
	}
	return ""
}
