package schemas

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
)

//go:embed *.json
var files embed.FS

// reference is what stands in job.json for the file of an operation.
var reference = regexp.MustCompile(`\{\s*"\$ref":\s*"([A-Za-z]+\.json)"\s*\}`)

// Job returns the whole schema as one document without references to other files, by which job files are checked.
func Job() []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, whole(), "", "  "); err != nil {
		panic(fmt.Sprintf("the schema of this program is broken: %v", err))
	}
	return out.Bytes()
}

// whole is Job as its files are indented.
func whole() []byte {
	return reference.ReplaceAllFunc(read("job.json"), func(ref []byte) []byte {
		part := read(string(reference.FindSubmatch(ref)[1]))
		return bytes.ReplaceAll(bytes.TrimSpace(part), []byte(`"job.json#/`), []byte(`"#/`))
	})
}

func read(name string) []byte {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("a schema is missing from this program: %v", err))
	}
	return text
}
