package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
)

// writeRows writes people.csv with n rows, each another person.
func writeRows(dir string, n int) error {
	file, err := os.Create(filepath.Join(dir, "people.csv"))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // closed below, where it counts
	w := bufio.NewWriter(file)
	fmt.Fprintln(w, "id,phone,name,date,time,doctor")
	for i := range n {
		fmt.Fprintf(w, "p%07d,+34%d,Ana García %d,25/03/2026,10:00,Dr. López\n", i, 600_000_000+i, i)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.Close()
}

// writeJob writes the job that sends a template to each row.
func writeJob(dir, address string, o options) error {
	rate := o.rate
	concurrency := fmt.Sprintf("      concurrency: %d\n", o.workers)
	if rate == 0 {
		rate = 1_000_000
	} else {
		concurrency = "" // enough for the rate, as waybill chooses
	}
	text := fmt.Sprintf(`version: 1
name: bench
connection:
  token: EAAG-of-the-benchmark
  phoneNumberId: "106540352242922"
  baseUrl: http://%s/v23.0
  throughput: %d
steps:
  - id: people
    forEach:
      csv: people.csv
      key: ${{ item.id }}
%s    steps:
      - id: remind
        sendTemplate:
          to: ${{ item.phone }}
          templateName: appointment_reminder
          languageCode: es
          bodyParameters: ["${{ item.name }}", "${{ item.date }}", "${{ item.time }}", "${{ item.doctor }}"]
`, address, rate, concurrency)
	return os.WriteFile(filepath.Join(dir, "job.yaml"), []byte(text), 0o600)
}
