package teamuptest_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/httpsource/teamuptest"
	"github.com/teamupsql/teamupsql/report"
)

func TestChangesAreSeen(t *testing.T) {
	t.Parallel()
	s := teamuptest.New(teamuptest.WithCustomers(300))
	store := s.Store()
	before, err := store.IDs(query(t, "sort=id"))
	require.NoError(t, err)

	added := store.Insert(func(c *teamuptest.Customer) {
		*c = teamuptest.Customer{FirstName: teamuptest.Some("New"), IsActive: teamuptest.Some(true)}
		c.Active = teamuptest.Some([]teamuptest.Membership{{ID: 1, Membership: teamuptest.Ref{ID: 4242}}})
	})
	require.Greater(t, added, before[len(before)-1])
	require.Equal(t, []int64{added}, ids(getPage(t, s, "active_memberships=4242").Rows))
	require.Equal(t, "New", getPage(t, s, "ids="+itoa(int(added))).Rows[0]["full_name"])

	require.True(t, store.Delete(before[0]))
	require.False(t, store.Delete(before[0]))
	require.True(t, store.SoftDelete(before[1]))
	require.True(t, store.Update(before[2], func(c *teamuptest.Customer) { c.ID, c.Email = 1, teamuptest.Some("x@y") }))
	require.False(t, store.Update(7, nil))
	_, ok := store.Customer(before[0])
	require.False(t, ok)
	c, ok := store.Customer(before[2])
	require.True(t, ok)
	require.Equal(t, before[2], c.ID)
	require.Equal(t, teamuptest.Some("x@y"), c.Email)

	after, err := store.IDs(query(t, "sort=id"))
	require.NoError(t, err)
	require.Equal(t, append(slices.Clone(before[2:]), added), after)
	require.Equal(t, before[1], getPage(t, s, "include_deleted=true&ids="+itoa(int(before[0]))+","+itoa(int(before[1]))).Rows[0].id())
	require.Equal(t, []teamuptest.Change{{1, teamuptest.Inserted, added}, {2, teamuptest.Deleted, before[0]},
		{3, teamuptest.SoftDeleted, before[1]}, {4, teamuptest.Updated, before[2]}}, store.History())
}

// TestThroughout compares with what matched after each single change.
func TestThroughout(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		store := teamuptest.New(teamuptest.WithCustomers(60), teamuptest.WithSeed(seed)).Store()
		queries := []report.Query{report.Customers.Query(), query(t, "is_active=true"), query(t, "include_deleted=true&created_at_gte=2024-01-01T00:00:00Z")}
		moments := make([][][]int64, len(queries))
		for change := range 120 {
			require.Equal(t, change, store.Seq())
			for i, q := range queries {
				list, err := store.IDs(q)
				require.NoError(t, err)
				moments[i] = append(moments[i], list)
			}
			require.Equal(t, change+1, store.Mutate().Seq)
		}
		random := rand.New(rand.NewPCG(seed, 0))
		for range 30 {
			from := random.IntN(120)
			to := from + random.IntN(120-from)
			i := random.IntN(len(queries))
			times := map[int64]int{}
			for _, list := range moments[i][from : to+1] {
				for _, id := range list {
					times[id]++
				}
			}
			always, ever, err := store.Throughout(queries[i], from, to)
			require.NoError(t, err)
			require.True(t, slices.IsSorted(always) && slices.IsSorted(ever))
			require.Len(t, ever, len(times))
			for _, id := range ever {
				require.Equal(t, times[id] == to-from+1, slices.Contains(always, id))
				delete(times, id)
			}
			require.Empty(t, times)
		}
	}
}

func TestMutationsBetweenRequests(t *testing.T) {
	t.Parallel()
	s := teamuptest.New(teamuptest.WithCustomers(200), teamuptest.WithMutations(2))
	for range 10 {
		getPage(t, s, "limit=1")
	}
	require.Equal(t, 5, s.Store().Seq())
	var seen []int
	for _, r := range s.Requests() {
		seen = append(seen, r.Seq)
	}
	require.Equal(t, []int{0, 1, 1, 2, 2, 3, 3, 4, 4, 5}, seen)
}

// TestAnswersWhileTheStoreChanges is for the race detector.
func TestAnswersWhileTheStoreChanges(t *testing.T) {
	t.Parallel()
	s := teamuptest.New(teamuptest.WithCustomers(500), teamuptest.WithClock(time.Now))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 30 {
				p := getPage(t, s, "sort=email,-id&limit=100")
				if len(p.Rows) != 100 {
					t.Errorf("%d rows", len(p.Rows))
				}
				s.Store().Mutate()
			}
		})
	}
	wg.Wait()
	require.Equal(t, 120, s.Store().Seq())
	require.Len(t, s.Requests(), 120)
}
