package tablefunc_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource"
	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/requests"
	"github.com/teamupsql/teamupsql/tablefunc"
)

// tenants are businesses with a server, a token and a client each.
type tenants struct {
	servers map[int64]*teamuptest.Server
	clients map[int64]*httpsource.Client

	mu    sync.Mutex
	calls []string // tenant and business
	fail  error    // of business 8
}

type tenantKey struct{}

func newTenants(t *testing.T, ids ...int64) *tenants {
	all := &tenants{servers: map[int64]*teamuptest.Server{}, clients: map[int64]*httpsource.Client{}}
	for _, id := range ids {
		secret := fmt.Sprint(token, "-", t.Name(), "-", id)
		server := teamuptest.NewServer(teamuptest.WithCustomers(int(id)*50), teamuptest.WithProviders(id), teamuptest.WithTokens(secret))
		t.Cleanup(server.Close)
		client, err := httpsource.New(httpsource.Config{BaseURL: server.URL(), Token: httpsource.NewToken(secret), ProviderID: id})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, client.Close()) })
		all.servers[id], all.clients[id] = server, client
	}
	return all
}

// clientOf returns the client of a business or, for 0, of the tenant in the context.
func (a *tenants) clientOf(ctx context.Context, provider int64) (*httpsource.Client, error) {
	tenant, _ := ctx.Value(tenantKey{}).(int64)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, fmt.Sprint(tenant, " ", provider))
	if provider == 8 && a.fail != nil {
		return nil, a.fail
	}
	if provider == 0 {
		provider = tenant
	}
	return a.clients[provider], nil
}

// called returns the calls since the last time, each once.
func (a *tenants) called() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	calls := sorted(a.calls)
	a.calls = nil
	return slices.Compact(calls)
}

func (a *tenants) open(t *testing.T, options ...tablefunc.Option) *sql.DB {
	db, err := tablefunc.Open("", append(options, tablefunc.WithClientFunc(a.clientOf), tablefunc.WithClock(today))...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func ofTenant(id int64) context.Context {
	return context.WithValue(context.Background(), tenantKey{}, id)
}

// tenant is a querier of one tenant.
type tenant struct {
	*sql.DB
	id int64
}

func (c tenant) QueryContext(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	return c.DB.QueryContext(ofTenant(c.id), query, args...)
}

// One database serves tenants with different tokens: the context of the statement and the
// business choose the client, also within one statement.
func TestTenants(t *testing.T) {
	a := newTenants(t, 7, 8, 9)
	db := a.open(t)
	for id, server := range a.servers {
		require.NotEmpty(t, mustTexts(t, tenant{db, id}, "SELECT max(email) FROM teamup_customers()"))
		require.Equal(t, []string{fmt.Sprint(id, " 0")}, a.called())
		for other, s := range a.servers {
			require.Equal(t, other == id, len(s.Requests()) > 0)
		}
		server.ResetLog()
	}
	want := map[int64]string{}
	for id := range a.servers {
		want[id] = mustTexts(t, tenant{db, id}, "SELECT count(email) FROM teamup_customers(include_deleted := true)")[0]
	}
	a.called()
	by := mustTexts(t, tenant{db, 7}, "SELECT provider_id, [count(email)] FROM teamup_customers(provider_ids := [7, 8, 9], include_deleted := true) GROUP BY ALL")
	require.Equal(t, []string{"[7 " + want[7] + "]", "[8 " + want[8] + "]", "[9 " + want[9] + "]"}, sorted(by))
	require.Equal(t, []string{"7 7", "7 8", "7 9"}, a.called())

	joined := `SELECT count(DISTINCT a.id), count(DISTINCT b.id), count(DISTINCT c.id)
		FROM teamup_customers() a FULL JOIN teamup_customers(provider_id := 8) b ON a.email = b.email || 'x' FULL JOIN teamup_customers(provider_id := 9) c ON a.email = c.email || 'x'`
	require.NotContains(t, mustTexts(t, tenant{db, 7}, joined)[0], " 0")
	require.Equal(t, []string{"7 0", "7 8", "7 9"}, a.called())
}

// Totals, and so estimates, are those of the client; custom fields too.
func TestTenantsAreToldApart(t *testing.T) {
	a := newTenants(t, 7, 8)
	db := a.open(t)
	for id, estimate := range map[int64]string{7: "about 4 requests", 8: "about 4 requests"} {
		const query = "SELECT max(email) FROM teamup_customers()"
		e, err := tablefunc.Explain(ofTenant(id), db, query)
		require.NoError(t, err)
		require.Contains(t, e.String(), "requests: unknown; run SELECT count(*) FROM teamup_customers() first")
		mustTexts(t, tenant{db, id}, query)
		e, err = tablefunc.Explain(ofTenant(id), db, query)
		require.NoError(t, err)
		require.Contains(t, e.String(), estimate)
	}
	a.servers[7].ResetLog()
	a.servers[8].ResetLog()
	const fields = `SELECT provider_id, count("Custom field 2") > 0 FROM teamup_customers(provider_ids := [7, 8], extra_customer_fields := [2]) GROUP BY ALL`
	require.Equal(t, []string{"[7 true]", "[8 true]"}, sorted(mustTexts(t, tenant{db, 7}, fields)))
	for id, server := range a.servers {
		first := server.Requests()[0]
		require.Equal(t, "2", first.Query.Get("extra_customer_fields"), id)
	}
}

// The error of the function is that of the statement, whatever it is, and names the
// business.
func TestAClientFuncThatFails(t *testing.T) {
	revoked := errors.New("the consent of this business was withdrawn")
	for _, cause := range []error{revoked, io.EOF} {
		for _, query := range []string{
			"SELECT max(email) FROM teamup_customers(provider_ids := [7, 8, 9])", "SELECT count(*) FROM teamup_customers(provider_id := 8)",
			"FROM teamup_customers(provider_ids := [7, 8], extra_customer_fields := [2])",
			"SELECT count(*) FROM teamup_customers(provider_id := 8) a JOIN teamup_customers(provider_id := 8) b ON a.email = b.email",
		} {
			a := newTenants(t, 7, 8, 9)
			a.fail = cause
			db := a.open(t)
			err := readAll(ofTenant(7), db, query)
			require.Error(t, err, query)
			require.ErrorContains(t, err, "no client for business 8: "+cause.Error())
			var business *requests.ProviderError
			require.ErrorAs(t, err, &business)
			require.EqualValues(t, 8, business.ProviderID)
			if cause == revoked {
				require.ErrorIs(t, err, revoked)
				_, err = tablefunc.Explain(ofTenant(7), db, query)
				require.ErrorIs(t, err, revoked)
			}
			require.Empty(t, a.servers[8].Requests())
			require.NoError(t, readAll(ofTenant(7), db, "FROM teamup_customers()"), "the connection goes on")
		}
	}
}
