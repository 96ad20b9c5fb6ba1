package eval_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"waybill/engine/diag"
	"waybill/engine/eval"
)

func leaf(t *testing.T, text string) *eval.Tree {
	t.Helper()
	tmpl, found := compiler().Template(text, anchored(text), scope())
	if found.HasErrors() {
		t.Fatal(found)
	}
	return eval.Leaf(tmpl)
}

func TestTree(t *testing.T) {
	at := diag.Range{Start: diag.Pos{Line: 3, Column: 5}}
	tree := eval.NewMap([]eval.Field{
		{Name: "to", Value: leaf(t, "${{ item.phone }}")},
		{Name: "body", Value: leaf(t, "$<TOKEN>")},
		{Name: "previewUrl", Value: eval.Const(true, at)},
		{Name: "bodyParameters", Value: eval.NewList([]*eval.Tree{
			eval.Const("x", at), eval.Const(int64(5), at),
			eval.NewMap([]eval.Field{{Name: "text", Value: leaf(t, "${{ steps.remind.messageId + any.nothing }}")}}, at),
		}, at)},
	}, at)
	_, err := tree.Render(context.Background(), names())
	var bad *eval.RenderError
	if !errors.As(err, &bad) || bad.Path != "bodyParameters[2].text" || bad.Error() != "bodyParameters[2].text: any.nothing is empty" || bad.Range.Start.Line != 7 {
		t.Errorf("error %v at %+v", err, bad)
	}
	n := names()
	n["any"] = map[string]any{"nothing": "!"}
	got, err := tree.Render(context.Background(), n)
	want := map[string]any{"to": "+34612345678", "body": "s3cret-token", "previewUrl": true, "bodyParameters": []any{"x", int64(5), map[string]any{"text": "wamid.1!"}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, constant := tree.Constant(); constant || tree.Range() != at {
		t.Error("constant, or not in its place")
	}
	if v, constant := tree.Field("body").Constant(); !constant || v != "s3cret-token" {
		t.Errorf("body is %v, %v", v, constant)
	}
	for what, pair := range map[string][2]string{
		"roots":     {strings.Join(tree.Roots(), " "), "any env item steps"},
		"steps":     {strings.Join(tree.Steps(), " "), "remind"},
		"variables": {strings.Join(tree.Variables(), " "), "TOKEN"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %s, want %s", what, pair[0], pair[1])
		}
	}
	if !tree.Uses("item") || tree.Uses("index") {
		t.Error("uses")
	}
	var paths []string
	tree.Walk(func(path string, _ *eval.Tree) bool {
		paths = append(paths, path)
		return path != "bodyParameters[2]"
	})
	if got := strings.Join(paths, " "); got != " to body previewUrl bodyParameters bodyParameters[0] bodyParameters[1] bodyParameters[2]" {
		t.Errorf("walked %q", got)
	}
	if typ := tree.Type().String(); typ != "object" {
		t.Errorf("type %s", typ)
	}
}

func TestConstantTree(t *testing.T) {
	list := eval.NewList([]*eval.Tree{eval.Const(int64(1), diag.Range{}), leaf(t, "${{ 1 + 1 }}"), nil}, diag.Range{})
	if got, constant := list.Constant(); !constant || !reflect.DeepEqual(got, []any{int64(1), 2, nil}) {
		t.Errorf("%v, %v", got, constant)
	}
	var none *eval.Tree
	if got, err := none.Render(context.Background(), nil); got != nil || err != nil {
		t.Errorf("a nil tree renders %v, %v", got, err)
	}
	if none.Field("x") != nil || none.Fields() != nil || none.Items() != nil || none.Template() != nil || none.Uses("x") || !reflect.DeepEqual(none.Range(), diag.Range{}) {
		t.Error("a nil tree has something in it")
	}
}

func TestTypes(t *testing.T) {
	tests := []struct {
		text string
		want string
	}{
		{"text", "string"},
		{"${{ item.phone }}", "string"},
		{"${{ index }}", "integer"},
		{"${{ inputs.share * 2 }}", "number"},
		{"${{ !steps.remind.success }}", "boolean"},
		{"${{ steps.remind.events }}", "list"},
		{"${{ steps.remind }}", "object"},
		{"${{ filter(1..3, # > 1) }}", "list"},
		{"${{ any.x }}", "any"},
		{"${{ upper(item.name) }}!", "string"},
		{"$<TOKEN>", "string"},
		{"${{ [1, 2] }}", "list"},
	}
	for _, tt := range tests {
		tmpl, found := compiler().Template(tt.text, eval.Anchor{}, scope())
		if got := tmpl.Type().String(); len(found) > 0 || got != tt.want {
			t.Errorf("%s is %s, want %s %v", tt.text, got, tt.want, found)
		}
	}
	tmpl, _ := compiler().Template("${{ steps.remind }}", eval.Anchor{}, scope())
	if field, ok := tmpl.Type().Field("messageId"); !ok || field.String() != "string" {
		t.Errorf("the type of a step's outputs lost its fields")
	}
}

// TestAnchorWithoutText: where places inside a scalar cannot be told, findings point at all of it.
func TestAnchorWithoutText(t *testing.T) {
	a := eval.Anchor{Range: diag.Range{Start: diag.Pos{Line: 4, Column: 3}, End: diag.Pos{Line: 6, Column: 1}}}
	_, found := compiler().Template("x\ny ${{ itm.a }}", a, scope())
	if len(found) != 1 || found[0].Range != a.Range {
		t.Errorf("%+v", found)
	}
}
