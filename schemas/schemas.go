package schemas

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed *.json
var files embed.FS

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
	names, err := files.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("the schemas are missing from this program: %v", err))
	}
	text := read("job.json")
	for _, name := range names { // an operation's file stands where job.json refers to it
		part := bytes.ReplaceAll(bytes.TrimSpace(read(name.Name())), []byte(`"job.json#/`), []byte(`"#/`))
		text = bytes.ReplaceAll(text, fmt.Appendf(nil, `{ "$ref": %q }`, name.Name()), part)
	}
	return text
}

func read(name string) []byte {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("a schema is missing from this program: %v", err))
	}
	return text
}
