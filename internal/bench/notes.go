package main

// notes explain, by measure, why a target is not met. They appear only then, and are based on
// a profile (-cpuprofile) of the measure.
var notes = map[int]string{
	1: "The time of a scan beyond its requests hardly depends on the latency: about 20 ms for 10,000 customers. Preparing\n" +
		"and planning the statement takes 5 to 7 ms with all 41 columns. Decoding the first page, which contains the total,\n" +
		"takes 1.4 ms before the other pages are requested. Each of the 12 rounds that follow starts 1 ms late because the same\n" +
		"two processors decode the responses of the round before. DuckDB ends 2 ms after the last response. This is more than\n" +
		"5% only if the scan takes less than 0.4 s.\n",
	2: "The baseline copies bytes between two processes, at 1 GB/s or more, without reading them. In the profile of a scan\n" +
		"of all columns, decoding takes the largest part, at about 0.7 GB of JSON per second on one processor. DuckDB is second:\n" +
		"it converts each text, struct and list to its own format. The rest is the work of the baseline. With compressed\n" +
		"responses, a scan of all columns takes 292 ms instead of 186 ms; the difference is decompression. No single function\n" +
		"takes more than 10%, so a ratio of 1.3 would need a decoder that is several times as fast. The last column shows the\n" +
		"network bandwidth at which the scan becomes the bottleneck.\n\n" +
		"In 10% to 50% of the scans, depending on the statement, one of DuckDB's worker threads reads the report while the\n" +
		"thread that runs the statement polls for work. This uses one processor for the duration of the scan. It does not happen\n" +
		"with `SET threads = 1`: 10,000 customers then took 45 ms instead of 66 ms. The shell runs statements\n" +
		"task by task and pauses between polls.\n",
	3: "With 4 columns a page has 10 KB, and decoding it takes 20% of the time. The rest depends on the number of pages, not\n" +
		"on their size: a goroutine, a request and a response of net/http, its URL, its record for teamup_requests(), and the\n" +
		"switch between the threads of Go and DuckDB, which is 20% of the time in the profile.\n",
	7: "Each statement of a text runs by itself, so that a statement that reads the report can be planned directly before it\n" +
		"runs. duckdb-go needs about 40 µs for each statement, and needs it only once for a complete text.\n",
}

// didNotHelp lists attempts to improve speed that were not kept.
const didNotHelp = `- Decoding on all processors but one, so that requests never wait for it: 10,000 customers at 20 ms took 290 ms instead
  of 298 ms, but scans without latency took 20% longer.
- Using arrow-go's record batches between the decoder and DuckDB: 528 allocations and 0.38 ms for a page of 100 full
  rows, of which arrow-go took 0.14 ms. The page's own export needs 9 allocations and 0.24 ms, and a slice of it takes
  3 µs instead of 27 µs.
- Checking the split of a text with one parse by DuckDB instead of one for each statement: 715 µs instead of 731 µs for
  five statements, which is within the noise.
- Writing the URL of a request without the escaping of net/url: 26 allocations instead of 33, and the same time.
- Measuring a scan by streaming a result of DuckDB chunk by chunk (` + "`Conn.QueryChunks`" + `): DuckDB copies every chunk into
  one of 2,048 rows, which took twice as long as the scan. Aggregates, tables and files do not need this copy.
- ` + "`read_json`" + ` over one file with all responses as the baseline: six times slower than over one file for each response.
`
