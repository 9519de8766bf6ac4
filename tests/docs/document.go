// Package docs runs and renders what docs/kubernetes.md shows.
package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const (
	repository = "../.."
	document   = repository + "/docs/kubernetes.md"
)

// A block is a fenced part of a document. What it is for stands in a comment before it:
//
//	<!-- values -->            values of the chart, complete but for the keys
//	<!-- values: FILE -->      the same, which commands call FILE
//	<!-- values of NAME -->    values of another chart: only that they are YAML
//	<!-- manifest: FILE -->    objects of Kubernetes
//
// Commands (sh) need none.
type block struct {
	line           int
	language, text string
	purpose, file  string
}

var marker = regexp.MustCompile(`^<!-- (values|values of|manifest)(?:: ([a-z-]+\.yaml)| [a-z-]+)? -->$`)

func blocks(path string) ([]block, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []block
	var open *block
	previous := ""
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case open != nil && line == "```":
			all = append(all, *open)
			open, previous = nil, ""
		case open != nil:
			open.text += line + "\n"
		case strings.HasPrefix(line, "```"):
			open = &block{line: i + 1, language: strings.TrimPrefix(line, "```")}
			if match := marker.FindStringSubmatch(previous); match != nil {
				open.purpose, open.file = match[1], match[2]
			}
		case strings.TrimSpace(line) != "":
			previous = line
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: this block has no end", open.line)
	}
	return all, nil
}

func (b block) String() string {
	return fmt.Sprintf("%s line %d", filepath.Base(document), b.line)
}
