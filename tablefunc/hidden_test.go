package tablefunc_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// hiding is a server whose answers lack the keys, in each of its shapes.
func hiding(shape teamuptest.PartShape, omit bool, keys ...string) teamuptest.Option {
	return teamuptest.WithQuirks(teamuptest.Quirks{Hidden: keys, Parts: shape, OmitNulls: omit})
}

var shapes = []teamuptest.PartShape{teamuptest.Nested, teamuptest.Flat, teamuptest.AllFlat}

// Statements that read a column which the answers lack fail and name it, whichever
// way they read: a scan, a shared one, the first rows, customers by id, a count, a
// custom field, a part of a struct.
func TestAColumnThatTheAnswerLacks(t *testing.T) {
	for _, shape := range shapes {
		for _, omit := range []bool{false, true} {
			db, _ := open(t, teamuptest.WithCustomers(900), hiding(shape, omit, "email", "is_active", "created_at", "family.name", "venue", "custom_field_2"))
			for query, missing := range map[string]string{
				"SELECT id, email, is_active FROM {t}":                                                  "email is_active",
				"SELECT * FROM {t}":                                                                     "email is_active created_at venue",
				"SELECT count(*) FROM {t} WHERE email IS NULL":                                          "email",
				"SELECT count(email) FROM {t}":                                                          "email",
				"SELECT id FROM {t} WHERE is_active LIMIT 3":                                            "is_active",
				"SELECT id FROM {t} ORDER BY created_at DESC LIMIT 3":                                   "created_at",
				"SELECT email FROM {t} ORDER BY id LIMIT 3":                                             "email",
				"SELECT email FROM {t} WHERE id IN (SELECT min(id) FROM {t})":                           "email",
				"SELECT a.id, b.email FROM {t} a JOIN {t} b ON a.id = b.referring_member.id":            "email",
				"SELECT a.full_name FROM {t} a JOIN {t} b ON a.id = b.id WHERE b.email IS NULL":         "email",
				"SELECT family.name FROM {t}":                                                           "family.name",
				"SELECT family.id, family.name FROM {t}":                                                "family.name",
				"SELECT venue.name FROM {t}":                                                            "",
				"SELECT venue FROM {t}":                                                                 "venue",
				"SELECT full_name, age, address.city, family.id, latest_registration.type FROM {t}":     "",
				"SELECT count(*) FROM {t}":                                                              "",
				`SELECT "Custom field 1" FROM teamup_customers(extra_customer_fields := [1])`:           "",
				"SELECT email FROM teamup_customers(provider_ids := [1, 2])":                            "email",
				"SELECT provider_id, full_name FROM teamup_customers(provider_ids := [1, 2])":           "",
				"CREATE OR REPLACE TABLE t AS SELECT id, email FROM {t}":                                "email",
				"SELECT x.email FROM (VALUES (1), (2), (3)) v(n), LATERAL (SELECT email FROM {t}) AS x": "email",
			} {
				query = strings.ReplaceAll(query, "{t}", report.Customers.Function+"()")
				_, err := texts(db, query)
				if missing == "" {
					require.NoError(t, err, query)
					continue
				}
				var lacking *arrowconv.MissingColumnsError
				require.ErrorAs(t, err, &lacking, query)
				require.Subset(t, strings.Fields(missing), lacking.Keys, query)
				require.ErrorContains(t, err, "leave it out of the statement")
			}
		}
	}
}
