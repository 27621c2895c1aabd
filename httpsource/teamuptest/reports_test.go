package teamuptest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

// rowsOf are the rows of a report, in the order of their ids.
func rowsOf(t *testing.T, s *teamuptest.Server, of *report.Report, params string) (rows []row) {
	t.Helper()
	v, err := url.ParseQuery("sort=id&" + params)
	require.NoError(t, err)
	q, err := of.Parse(v)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, s.Store().WriteRows(&out, q))
	lines := bufio.NewScanner(&out)
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		p := decode(t, slices.Concat([]byte(`{"rows":[`), lines.Bytes(), []byte(`]}`)))
		rows = append(rows, p.Rows...)
	}
	return rows
}

// Every report has rows with ascending ids, in pages too, and values and NULLs in each
// column. The server knows all its parameters.
func TestEveryReportIsServed(t *testing.T) {
	t.Parallel()
	values := map[string]string{"BOOLEAN": "true", "BIGINT": "1", "BIGINT[]": "1", "VARCHAR": "1", "VARCHAR[]": "1",
		"DATE": "2026-01-31", "TIMESTAMP WITH TIME ZONE": "2026-01-31T00:00:00Z"}
	for _, of := range report.All()[1:] {
		s := teamuptest.New(teamuptest.WithCustomers(1500))
		rows := rowsOf(t, s, of, "")
		list := ids(rows)
		require.True(t, slices.IsSorted(list), of.Name)
		require.Equal(t, list, slices.Compact(slices.Clone(list)), of.Name)
		nulls, some := map[string]bool{}, map[string]bool{}
		for _, r := range rows {
			for _, c := range of.Columns {
				nulls[c.Name] = nulls[c.Name] || r.at(c.Name) == nil
				some[c.Name] = some[c.Name] || r.at(c.Name) != nil
			}
		}
		always := append([]string{"type", "status", "customer", "membership", "billed_price", "event", "offering_type", "is_credit_note",
			"number", "total_amount", "start_date", "is_first_membership", "booking_method", "due_date", "purchase_type", "purchase_items",
			"start_time", "duration_minutes", "day_of_week", "attendance_count", "late_cancel_count", "no_show_count", "starts_at"}, of.Filled...)
		for _, c := range of.Columns {
			require.Equal(t, c.Name != "adjustment_amount", some[c.Name], "%s.%s", of.Name, c.Name)
			require.Equal(t, !slices.Contains(always, c.Name), nulls[c.Name], "%s.%s", of.Name, c.Name)
		}
		_, body := get(t, s, of.Path+"?format=json&limit=100&sort=id")
		require.Equal(t, rows[:min(100, len(rows))], decode(t, body).Rows)
		for _, p := range of.Named() {
			value := values[p.Type.SQL()]
			if p.Words != nil {
				value = p.Words[0]
			} else if strings.HasSuffix(p.Name, "timeframe") {
				value = "last_90_days"
			}
			resp, body := get(t, s, of.Path+"?format=json&limit=1&"+p.Name+"="+value)
			require.Equal(t, 200, resp.StatusCode, "%s %s: %s", of.Name, p.Name, body)
		}
	}
}

// The rows of the reports belong together: each customer, membership and class is the one
// of its own report, invoices pay for memberships, and what is counted is there.
func TestReportsBelongTogether(t *testing.T) {
	t.Parallel()
	s := teamuptest.New(teamuptest.WithCustomers(800))
	byID := func(rows []row) map[json.Number]row {
		m := map[json.Number]row{}
		for _, r := range rows {
			m[r["id"].(json.Number)] = r
		}
		return m
	}
	customers := byID(rowsOf(t, s, report.Customers, "include_deleted=true"))
	memberships := rowsOf(t, s, report.CustomerMemberships, "")
	attendances := rowsOf(t, s, report.Attendances, "include_future=true")
	invoices := rowsOf(t, s, report.Invoices, "")
	classes := byID(rowsOf(t, s, report.Classes, "include_future=true"))
	require.Greater(t, len(classes), len(rowsOf(t, s, report.Classes, "")), "some are in the future")

	for _, r := range slices.Concat(memberships, attendances, invoices) {
		c, ok := customers[r.at("customer.id").(json.Number)]
		require.True(t, ok)
		require.Equal(t, c["full_name"], r.at("customer.name"))
		require.Equal(t, c["email"], r.at("customer.email"))
		if venue, ok := r["customer"].(map[string]any)["venue"]; ok {
			require.Equal(t, c["venue"], venue)
		}
	}
	held := map[json.Number]any{}
	for _, c := range customers {
		for _, list := range []string{"active_customer_memberships", "inactive_customer_memberships", "on_hold_customer_memberships"} {
			items, _ := c[list].([]any)
			for _, item := range items {
				held[row(item.(map[string]any))["id"].(json.Number)] = row(item.(map[string]any))["membership"]
			}
		}
	}
	require.Len(t, held, len(memberships))
	for _, m := range memberships {
		require.Equal(t, held[m["id"].(json.Number)], m["membership"])
	}
	counts := map[json.Number]map[any]int{}
	visits := map[json.Number]map[any]int{}
	count := func(m map[json.Number]map[any]int, id json.Number, status any) {
		if m[id] == nil {
			m[id] = map[any]int{}
		}
		m[id][status]++
	}
	for _, a := range attendances {
		class := classes[a.at("event.id").(json.Number)]
		require.Equal(t, class["starts_at"], a.at("event.starts_at"))
		require.Equal(t, class["venue"], a["venue"])
		count(counts, class["id"].(json.Number), a["status"])
		count(visits, a.at("customer.id").(json.Number), a["status"])
		if id, ok := a.at("customer_membership.id").(json.Number); ok {
			require.Equal(t, held[id], a.at("customer_membership.membership"))
		}
	}
	requireFirstAttendances(t, attendances)
	for id, class := range classes {
		require.Equal(t, itoa(counts[id]["attended"]), class.at("attendance_count").(json.Number).String())
		require.Equal(t, itoa(counts[id]["no show"]), class.at("no_show_count").(json.Number).String())
		require.Equal(t, itoa(counts[id]["late cancelled"]), class.at("late_cancel_count").(json.Number).String())
	}
	same := 0
	for id, c := range customers {
		n, ok := c["attendances_count"].(json.Number)
		if few, _ := n.Int64(); ok && few < 8 && c["late_cancels_count"] != nil && c["no_shows_count"] != nil {
			require.Equal(t, n.String(), itoa(visits[id]["attended"]))
			same++
		}
	}
	require.Greater(t, same, 50)
	last := map[json.Number]row{}
	for _, i := range invoices {
		if i["purchase_type"] == "store" && i["is_credit_note"] == false {
			last[i.at("customer.id").(json.Number)] = i
		}
	}
	for id, c := range customers {
		if c["last_payment_amount"] != nil {
			require.Equal(t, c["last_payment_amount"], last[id]["total_amount"])
			require.Equal(t, c["last_payment_at"], last[id]["paid_at"])
		}
	}
}

// requireFirstAttendances wants each first attendance to be the customer's earliest.
func requireFirstAttendances(t *testing.T, attendances []row) {
	t.Helper()
	starts := func(a row) time.Time {
		at, err := time.Parse(time.RFC3339Nano, a.at("event.starts_at").(string))
		require.NoError(t, err)
		return at
	}
	earliest := map[any]time.Time{}
	for _, a := range attendances {
		id, at := a.at("customer.id"), starts(a)
		if known, ok := earliest[id]; a["status"] == "attended" && (!ok || at.Before(known)) {
			earliest[id] = at
		}
	}
	some := false
	for _, a := range attendances {
		if a["is_first_attendance"] == true {
			require.Equal(t, "attended", a["status"])
			require.True(t, starts(a).Equal(earliest[a.at("customer.id")]))
			some = true
		}
	}
	require.True(t, some)
}
