//go:build unix

package whatsapp_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"waybill/whatsapp"
)

// answeringVariable says in the environment of a process that it is to answer, and by what.
const answeringVariable = "WAYBILL_BENCH_ANSWERING"

// BenchmarkWire is what a message costs with its connection: 32 in flight, to a server that is a process of its own. us-cpu/op is user and
// system time of this process. By TLS net/http speaks HTTP/2.
//
//	go test -run '^$' -bench Wire -benchmem ./whatsapp
func BenchmarkWire(b *testing.B) {
	for _, by := range []string{"tcp", "tls"} {
		b.Run(by, func(b *testing.B) {
			base := answering(b, by)
			b.Run("direct", func(b *testing.B) { benchmarkWire(b, whatsapp.Config{BaseURL: base, Token: testToken}) })
			b.Run("net-http", func(b *testing.B) {
				transport := &http.Transport{ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 64}
				defer transport.CloseIdleConnections()
				benchmarkWire(b, whatsapp.Config{BaseURL: base, Token: testToken, Transport: transport})
			})
		})
	}
}

func benchmarkWire(b *testing.B, config whatsapp.Config) {
	b.Helper()
	c, err := whatsapp.New(config)
	if err != nil {
		b.Fatal(err)
	}
	body, err := templates()["positional"].Body()
	if err != nil {
		b.Fatal(err)
	}
	e := whatsapp.Envelope{PhoneNumberID: "106540352242922", Callback: "wb1.f8a1.12345.1"}
	ctx := context.WithoutCancel(b.Context()) // as the runner sends
	yes := func() error { return nil }
	b.ReportAllocs()
	b.SetParallelism(max(1, 32/runtime.GOMAXPROCS(0)))
	begin := cpu(b)
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := c.SendBody(ctx, body, e, whatsapp.Gate{Wait: yes, Ask: yes}); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64((cpu(b)-begin).Nanoseconds())/1000/float64(b.N), "us-cpu/op")
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// answering starts a process that answers, and returns its address.
func answering(b *testing.B, by string) string {
	b.Helper()
	if by == "tls" {
		trusted := httptest.NewTLSServer(nil) // all of them show the same certificate
		defer trusted.Close()
		file := filepath.Join(b.TempDir(), "trust.pem")
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: trusted.Certificate().Raw}), 0o600); err != nil {
			b.Fatal(err)
		}
		b.Setenv("SSL_CERT_FILE", file)
	}
	cmd := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestAnswering$")
	cmd.Env = append(os.Environ(), answeringVariable+"="+by)
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line) + "/v23.0"
}

// TestAnswering is the server of the benchmark.
func TestAnswering(t *testing.T) {
	switch os.Getenv(answeringVariable) {
	case "tcp":
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("http://" + listener.Addr().String())
		for {
			conn, err := listener.Accept()
			if err != nil {
				t.Fatal(err)
			}
			go answerAll(conn)
		}
	case "tls":
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, usualAnswers[0])
		}))
		server.EnableHTTP2 = true
		server.StartTLS()
		fmt.Println(server.URL)
		select {}
	default:
		t.Skip("this is no process of the benchmark")
	}
}

// answerAll does the least: it looks for the length of a request and answers each the same.
func answerAll(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	body := usualAnswers[0]
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Sat, 28 Nov 2026 01:00:00 GMT\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	in := make([]byte, 64<<10)
	for held := 0; ; {
		n, err := conn.Read(in[held:])
		if err != nil {
			return
		}
		held += n
		head := bytes.Index(in[:held], []byte("\r\n\r\n"))
		if head < 0 {
			continue
		}
		_, rest, _ := bytes.Cut(in[:head+2], []byte("Content-Length: "))
		digits, _, _ := bytes.Cut(rest, []byte("\r\n"))
		length, err := strconv.Atoi(string(digits))
		if err != nil {
			return
		}
		if held < head+4+length {
			continue
		}
		held = 0
		if _, err := conn.Write(answer); err != nil {
			return
		}
	}
}
