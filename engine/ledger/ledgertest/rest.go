package ledgertest

import "testing"

func testSettle(*testing.T, Open)   {}
func testStatuses(*testing.T, Open) {}
func testDoubt(*testing.T, Open)    {}
func testRuns(*testing.T, Open)     {}
func testRead(*testing.T, Open)     {}
func testInbox(*testing.T, Open)    {}
func testChange(*testing.T, Open)   {}
func testCrowd(*testing.T, Open)    {}
func testModel(*testing.T, Open)    {}
