package notify

import (
	"bufio"
	"net"
	"strings"
	"testing"
)

// mailServer takes one mail without encryption, and answers each command as told, else with 250.
func mailServer(t *testing.T, answers map[string]string) (host string, mail <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	got := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		all, data := strings.Builder{}, false
		say := func(line string) { _, _ = c.Write([]byte(line + "\r\n")) }
		say("220 here")
		for lines := bufio.NewScanner(c); lines.Scan(); {
			line := lines.Text()
			all.WriteString(line + "\n")
			verb, _, _ := strings.Cut(line, " ")
			answer, known := answers[verb]
			switch {
			case data && line != ".":
				continue
			case verb == "DATA":
				data = true
				answer = "354 go on"
			case verb == "QUIT":
				answer = "221 bye"
			case !known:
				data, answer = false, "250 fine"
			}
			say(answer)
		}
		got <- all.String()
	}()
	return l.Addr().String(), got
}

func TestMail(t *testing.T) {
	host, mail := mailServer(t, nil)
	if err := sendOne(t.Context(), t, &Sender{}, "smtp://"+host+"/?from=a@b.example&to=c@d.example"); err != nil {
		t.Fatal(err)
	}
	got := <-mail
	for _, want := range []string{"Subject: " + someEvent().Title() + "\n", "\n\n" + someEvent().Text() + "\n.\n", "RCPT TO:<c@d.example>"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	host, _ = mailServer(t, map[string]string{"RCPT": "550 5.1.1 c@d.example is unknown here"})
	err := sendOne(t.Context(), t, &Sender{}, "smtp://"+host+"/?from=a@b.example&to=c@d.example")
	if err == nil || err.Error() != "notify $<URL> (smtp): answered SMTP 550" {
		t.Error(err)
	}
}

// TestSubjectIsOneLine holds a job's name that would begin another header.
func TestSubjectIsOneLine(t *testing.T) {
	if got := oneLine("a\r\nBcc: x@y.example"); got != "a  Bcc: x@y.example" {
		t.Errorf("%q", got)
	}
}
