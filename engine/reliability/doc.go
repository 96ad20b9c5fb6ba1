// Command reliability proves the promise at length: that nobody is messaged twice and nobody is lost, whatever happens. Each
// proof is a test that every check runs in small; here it goes on until it has done what the list wants of it.
//
//	go run ./engine/reliability -dir DIR                     all of them, to their end: days
//	go run ./engine/reliability -dir DIR -only kills,power   these
//	go run ./engine/reliability -dir DIR -share 0.01         each to a hundredth
//	go run ./engine/reliability -dir DIR -for 2h             what two hours allow
//	go run ./engine/reliability -dir DIR -parallel 4         several worlds of a proof side by side, where it allows that
//	go run ./engine/reliability -dir DIR -readme             writes the README's table of what was done, and proves nothing
//
// What was done stands in DIR, or in the folder that WAYBILL_PROOFS names, a file a proof: interrupted at any moment, it goes on
// there. It ends with the table, and with status 1 when anything was sent twice, lost, or red.
//
// It must not know the engine: it runs tests, and adds up what they counted. Start reading at main.go; list.go is what is proved.
package main
