package main

import "testing"

func TestReplaceTable(t *testing.T) {
	text := "before\n" + tableBegins + "old\n" + tableEnds + "after, which is longer than the table\n"
	want := "before\n" + tableBegins + "new and long\n" + tableEnds + "after, which is longer than the table\n"
	if got, ok := replaceTable(text, "new and long\n"); !ok || got != want {
		t.Errorf("got %q, %v, want %q", got, ok, want)
	}
	if _, ok := replaceTable("nothing here", "new"); ok {
		t.Error("a text without a table was taken")
	}
}
