package arrowconv_test

import (
	"encoding/json"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/teamupsql/teamupsql/arrowconv"
	"github.com/teamupsql/teamupsql/report"
)

func TestFirst(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	d, err := arrowconv.NewDecoder(report.Columns(), arrowconv.Options{Allocator: mem})
	require.NoError(t, err)
	p, err := d.Decode(fullPage(3))
	require.NoError(t, err)
	defer p.Release()
	out, err := json.Marshal(p.Record())
	require.NoError(t, err)
	t.Logf("%s\n%s", fullPage(3), out)
	s := p.Slice(1, 3)
	out, err = json.Marshal(s.Record())
	require.NoError(t, err)
	t.Logf("%s", out)
	s.Release()
}
