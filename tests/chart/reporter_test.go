package chart

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A reporter is a *testing.T, or a recorder that only remembers that a check has failed.
type reporter interface {
	Helper()
	Error(...any)
	Errorf(string, ...any)
	Fatal(...any)
}

type recorder struct{ failed bool }

func (recorder *recorder) Helper()               {}
func (recorder *recorder) Error(...any)          { recorder.failed = true }
func (recorder *recorder) Errorf(string, ...any) { recorder.failed = true }
func (recorder *recorder) Fatal(...any)          { panic("the check gives up") }

// Whether the check fails, by itself or by what is missing.
func fails(check func(reporter, *objects), all *objects) (failed bool) {
	recorder := &recorder{}
	defer func() { failed = recover() != nil || recorder.failed }()
	check(recorder, all)
	return
}

// Values that are there to show that they change nothing.
var withoutEffect = map[string][]string{
	"image-and-labels": {"commonLabels.app.kubernetes.io/name", "podLabels.app.kubernetes.io/instance"},
}

// Every value in the files of ci/ is there to show something, so that the check notices when it is gone.
func TestEveryValueOfACaseIsNoticed(t *testing.T) {
	helm := helms()[1]
	for name, check := range cases {
		if name == "rules" {
			continue // its rules are changed one by one in rules_test.go
		}
		t.Run(name, func(t *testing.T) {
			for _, path := range leaves(valuesFile(t, caseFile(name)), nil) {
				if slices.Contains(withoutEffect[name], strings.Join(path, ".")) {
					continue
				}
				given := valuesFile(t, caseFile(name))
				remove(given, path)
				rendered, err := helm.render(given)
				if err != nil {
					continue
				}
				all, err := decode(rendered)
				if err == nil && !fails(check, all) {
					t.Errorf("nothing notices that %s is missing", strings.Join(path, "."))
				}
			}
		})
	}
}

// The paths to all that is no map with something in it, but of lists of maps those within.
func leaves(value any, path []string) [][]string {
	var found [][]string
	each := func(name string, inner any) {
		found = append(found, leaves(inner, append(append([]string{}, path...), name))...)
	}
	switch typed := value.(type) {
	case map[string]any:
		for name, inner := range typed {
			each(name, inner)
		}
	case []any:
		for i, inner := range typed {
			each(fmt.Sprint(i), inner)
		}
	}
	if len(found) == 0 {
		return [][]string{path}
	}
	return found
}

// Lists keep their length: an element that is no map or list becomes another one.
func remove(value any, path []string) {
	switch typed := value.(type) {
	case map[string]any:
		if len(path) == 1 {
			delete(typed, path[0])
		} else {
			remove(typed[path[0]], path[1:])
		}
	case []any:
		var index int
		fmt.Sscan(path[0], &index)
		if len(path) > 1 {
			remove(typed[index], path[1:])
		} else if _, text := typed[index].(string); text {
			typed[index] = typed[index].(string) + "x"
		} else if number, is := typed[index].(float64); is {
			typed[index] = number + 1
		}
	}
}
