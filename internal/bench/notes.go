package main

// notes explain, by measure, what is not met. They are shown only then, and say
// where the time goes by a profile (-cpuprofile) of the measure.
var notes = map[int]string{
	1: "What a scan takes beyond its requests is nearly the same however long they take, some 20 ms for 10,000 customers:\n" +
		"the statement is prepared and planned before the first request (with all 41 columns 5 to 7 ms), the first page is\n" +
		"decoded before the others are asked for, as it tells their number (1.4 ms), each of the 12 rounds that follow begins\n" +
		"1 ms later where the answers of the one before are decoded by the same two processors, and DuckDB ends 2 ms after\n" +
		"the last answer. That is more than a twentieth only where the whole takes less than 0.4 s.\n",
	2: "This baseline moves bytes from one process's memory to another's, a gigabyte a second and more, and looks at none of\n" +
		"them. In the profile of a scan of all columns, the largest part is the decoder, which reads some 0.7 GB of JSON a\n" +
		"second on one processor; then comes DuckDB, which writes its own form of every text, struct and list; the rest is\n" +
		"the baseline's own work. Where answers are compressed, unpacking takes half as long again as decoding. No single\n" +
		"function has more than a tenth: 1.3 would take a decoder several times as fast. The last column says which network\n" +
		"is needed for this to be what one waits for.\n\n" +
		"One thing is DuckDB's: in some scans, a tenth to a half of them by the kind of statement, one of DuckDB's worker\n" +
		"threads reads the report while the thread that runs the statement asks again and again whether there is something\n" +
		"to do, which keeps one processor busy. It shows as processor time as long as the scan, and never with\n" +
		"`SET threads = 1`: there, 10,000 customers took 45 ms instead of 66. The shell, which runs statements task by task,\n" +
		"pauses in between.\n",
	3: "With 4 columns a page is 10 KB and decoding it a fifth of the time. The rest goes by pages, not bytes: a goroutine,\n" +
		"a request and an answer of net/http, its URL, what is noted of it for teamup_requests(), and the change between\n" +
		"the threads of Go and DuckDB, which wakes one for every page: a fifth of the time in the profile.\n",
	7: "A text of several statements is run one by one, so that one of them which reads the report can be planned when its\n" +
		"turn comes. The driver starts each with some 40 µs of its own, which it pays once for a text that it runs by itself.\n",
}

// didNotHelp is what was tried for speed and left out again.
const didNotHelp = `- Decoding on all processors but one, so that requests never wait for it: 10,000 customers at 20 ms took 290 ms
  instead of 298, but without latency scans took a fifth longer.
- Record batches of arrow-go between the decoder and DuckDB: 528 allocations a page of 100 full rows and 0.38 ms, of
  which 0.14 ms were arrow-go's. The page's own export has 9 and 0.24 ms, and a slice of it takes 3 µs instead of 27.
- Confirming the splitting of a text of several statements with one parse by DuckDB instead of one for each: 715 µs
  instead of 731 µs for five statements, within the noise.
- Writing the URL of a request without net/url's escaping: 26 allocations instead of 33, and no less time.
- Streaming a result of DuckDB chunk by chunk (` + "`Conn.QueryChunks`" + `) as the measure of a scan: DuckDB copies every chunk
  into one of 2,048 rows, which took twice as long as the scan itself. Aggregates, tables and files don't pay it.
- ` + "`read_json`" + ` over all answers in one file: six times slower than over a file each, so that would have been no
  baseline.
`
