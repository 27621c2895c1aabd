package fields

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/report"
)

func TestFieldsAreRememberedForAWhile(t *testing.T) {
	var cache Cache
	asked := 0
	kind := report.BigInt
	find := func() (map[int64]Field, error, error) {
		asked++
		return map[int64]Field{2: {Label: "Shoe size", Key: "f2", Kind: kind}}, nil, nil
	}
	key, start := cacheKey{provider: 7, ids: "2"}, time.Now()
	get := func(key cacheKey, after time.Duration) Field {
		found, _, err := cache.get(context.Background(), key, start.Add(after), find)
		require.NoError(t, err)
		return found[2]
	}
	require.Equal(t, "Shoe size", get(key, 0).Label)
	get(key, maxAge-1)
	require.Equal(t, 1, asked)
	get(cacheKey{provider: 8, ids: "2"}, 0)
	get(cacheKey{provider: 7, ids: "2, 3"}, 0)
	require.Equal(t, 3, asked, "other businesses, other lists")
	// What a value has shown outlives the answer.
	cache.correct(key, func(_ int64, f *Field) { f.Kind = report.Double })
	require.Equal(t, report.Double, get(key, 0).Kind)
	require.Equal(t, report.Double, get(key, maxAge).Kind)
	require.Equal(t, 4, asked)
	kind = report.Boolean
	require.Equal(t, report.AnyText, get(key, 2*maxAge).Kind)
	require.Equal(t, report.BigInt, get(cacheKey{provider: 8, ids: "2"}, 0).Kind)

	cache.forget(&Set{ids: []int64{2}}, []int64{7})
	require.Equal(t, report.Boolean, get(key, 0).Kind)
}

func TestAFailureIsNotRemembered(t *testing.T) {
	var cache Cache
	down := errors.New("down")
	_, _, err := cache.get(context.Background(), cacheKey{}, time.Now(), func() (map[int64]Field, error, error) { return nil, nil, down })
	require.ErrorIs(t, err, down)
	found, _, err := cache.get(context.Background(), cacheKey{}, time.Now(), func() (map[int64]Field, error, error) { return map[int64]Field{1: {}}, nil, nil })
	require.NoError(t, err)
	require.Len(t, found, 1)
}

// Who wants to know what another is asking waits for the answer, no longer than its
// context.
func TestFieldsAreAskedForOnce(t *testing.T) {
	var cache Cache
	var asked atomic.Int32
	begun, answer := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			_, _, err := cache.get(context.Background(), cacheKey{}, time.Now(), func() (map[int64]Field, error, error) {
				asked.Add(1)
				close(begun)
				<-answer
				return map[int64]Field{}, nil, nil
			})
			require.NoError(t, err)
		})
	}
	<-begun
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _, err := cache.get(ctx, cacheKey{}, time.Now(), nil)
	require.ErrorIs(t, err, context.Canceled)
	close(answer)
	wg.Wait()
	require.EqualValues(t, 1, asked.Load())
}

func TestTheCacheOfFieldsIsBounded(t *testing.T) {
	var cache Cache
	for i := range int64(2*maxEntries + 5) {
		_, _, err := cache.get(context.Background(), cacheKey{provider: i}, time.Now(), func() (map[int64]Field, error, error) { return nil, nil, nil })
		require.NoError(t, err)
	}
	require.LessOrEqual(t, len(cache.entries), maxEntries)
}

func TestNamesOfCustomFields(t *testing.T) {
	for _, c := range []struct {
		labels map[int64]string
		want   map[int64]string
	}{
		{map[int64]string{1: "Size", 2: "Colour"}, map[int64]string{1: "Size", 2: "Colour"}},
		{map[int64]string{1: "Size", 2: "SIZE"}, map[int64]string{1: "Size_1", 2: "SIZE_2"}},
		{map[int64]string{1: "email", 2: "Provider_ID"}, map[int64]string{1: "email_1", 2: "Provider_ID_2"}},
		{map[int64]string{1: "", 2: " "}, map[int64]string{1: "custom_field_1", 2: "custom_field_2"}},
		{map[int64]string{1: "Size", 2: "Size", 3: "size_1"}, map[int64]string{1: "Size_1_1", 2: "Size_2", 3: "size_1"}},
		{map[int64]string{1: "", 2: "custom_field_1"}, map[int64]string{1: "custom_field_1_1", 2: "custom_field_1"}},
	} {
		var ids []int64
		for id := range int64(len(c.labels)) {
			ids = append(ids, id+1)
		}
		require.Equal(t, c.want, columnNames(report.Customers, ids, c.labels), c.labels)
	}
}
