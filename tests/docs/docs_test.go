package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

func TestMain(m *testing.M) {
	if tool := tools[filepath.Base(os.Args[0])]; tool != nil {
		if err := tool(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func read(t *testing.T) []block {
	t.Helper()
	all, err := blocks(document)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("only %d blocks", len(all))
	}
	return all
}

// renderValues renders values of the chart as they stand in a document, with a key where they name none.
func renderValues(t *testing.T, text string) string {
	t.Helper()
	values := map[string]any{}
	if err := yaml.UnmarshalStrict([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"template", "mdcloud", repository + "/helm/mdcloud-exporter", "--kube-version", "1.33.4", "--values", file}
	config, _ := values["config"].(map[string]any)
	if values["keys"] == nil && values["keyDirectories"] == nil && config["existingConfigMap"] == nil && config["existingSecret"] == nil {
		args = append(args, "--set", "keys.production.existingSecret.name=metadefender,keys.production.existingSecret.key=production")
	}
	rendered, err := helmTemplate(args)
	if err != nil {
		t.Fatalf("%v\n%s", err, rendered)
	}
	if _, err := decodeAll(rendered); err != nil {
		t.Fatal(err)
	}
	return rendered
}

func TestEveryYAMLBlockIsRenderedOrDecoded(t *testing.T) {
	plain := renderValues(t, "{}")
	for _, block := range read(t) {
		if block.language != "yaml" {
			continue
		}
		t.Run(block.String(), func(t *testing.T) {
			switch block.purpose {
			case "values":
				// One that changes nothing shows nothing.
				if renderValues(t, block.text) == plain && !strings.Contains(block.text, "production") {
					t.Error("these values change nothing")
				}
			case "values of":
				if err := yaml.UnmarshalStrict([]byte(block.text), &map[string]any{}); err != nil {
					t.Error(err)
				}
			case "manifest":
				all, err := decodeAll(block.text)
				if err != nil {
					t.Fatal(err)
				}
				for _, one := range all {
					if one.values != "" {
						renderValues(t, one.values)
					}
				}
			default:
				t.Error("no comment says what this is for")
			}
		})
	}
}

// What the reader has, and what a command may not do here.
const (
	readersFiles = "apikey.txt"
	realPort     = "127.0.0.1:10580"
)

func TestEveryCommandRuns(t *testing.T) {
	folder := t.TempDir()
	for _, name := range strings.Fields(readersFiles) {
		write(t, filepath.Join(folder, name), "0123456789abcdef0123456789abcdef\n")
	}
	all := read(t)
	for _, block := range all {
		if block.file != "" {
			write(t, filepath.Join(folder, block.file), block.text)
		}
	}
	root, err := filepath.Abs(repository)
	if err != nil {
		t.Fatal(err)
	}
	link(t, filepath.Join(root, "helm"), filepath.Join(folder, "helm"))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	for tool := range tools {
		link(t, self, filepath.Join(bin, tool))
	}
	exporter := startDemo(t)
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Setenv("MDCLOUD_DOCS_DONE", filepath.Join(bin, "done"))
	t.Setenv("MDCLOUD_DOCS_REPOSITORY", root)
	t.Setenv("KUBECONFIG", "/nonexistent")
	for _, block := range all {
		if block.language != "sh" {
			continue
		}
		t.Run(block.String(), func(t *testing.T) {
			command := exec.Command("bash", "-euo", "pipefail", "-c", strings.ReplaceAll(block.text, realPort, exporter))
			command.Dir = folder
			output, err := command.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s\n%s", err, block.text, output)
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Symlink(from, to); err != nil {
		t.Fatal(err)
	}
}

// Only commands of these are run; anything else in a document would be run on the reader's machine without a look.
var allowed = regexp.MustCompile(`^(helm|kubectl|docker|curl|echo) `)

func TestCommandsAreOnesThisTestKnows(t *testing.T) {
	for _, block := range read(t) {
		switch block.language {
		case "sh":
			joined := strings.ReplaceAll(block.text, "\\\n", " ")
			for _, line := range strings.Split(strings.TrimSpace(joined), "\n") {
				if !allowed.MatchString(line) {
					t.Errorf("%v: %q", block, line)
				}
			}
		case "yaml":
		default:
			t.Errorf("%v: the language is %q; sh and yaml are tested", block, block.language)
		}
	}
}

// What Helm, Argo CD and Flux render is the same because no template asks the cluster, the clock or chance.
func TestTemplatesAskNobody(t *testing.T) {
	files, err := filepath.Glob(repository + "/helm/mdcloud-exporter/templates/*")
	if err != nil || len(files) < 10 {
		t.Fatalf("%v: %v", files, err)
	}
	asks := regexp.MustCompile(`\b(lookup|now|rand\w+|gen\w+|uuidv4|htpasswd|Capabilities|Release\.(Is\w+|Revision))\b`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil || filepath.Base(file) == "NOTES.txt" {
			continue
		}
		for _, action := range regexp.MustCompile(`(?s)\{\{.*?\}\}`).FindAllString(string(text), -1) {
			if !strings.Contains(action, "/*") && asks.MatchString(action) {
				t.Errorf("%s: %s", filepath.Base(file), action)
			}
		}
	}
}

// Files that the text names, and places in them.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(`\]\(([^)#]*)(#[^)]*)?\)`).FindAllStringSubmatch(string(text), -1) {
		path, place := document, match[2]
		if match[1] != "" {
			path = filepath.Join(filepath.Dir(document), match[1])
		}
		target, err := os.ReadFile(path)
		if err != nil {
			if _, err := os.Stat(path); err != nil || place != "" {
				t.Error(err)
			}
			continue
		}
		if place != "" && !strings.Contains(anchors(string(target)), place+"\n") {
			t.Errorf("%s has no %s", match[1], place)
		}
	}
}

func anchors(text string) string {
	var all strings.Builder
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		all.WriteString("#" + strings.ReplaceAll(name, " ", "-") + "\n")
	}
	return all.String()
}

// startDemo answers the documents' requests to the exporter. It returns its address.
func startDemo(t *testing.T) string {
	t.Helper()
	binary := os.Getenv("MDCLOUD_EXPORTER_BINARY")
	if binary == "" {
		t.Fatal("MDCLOUD_EXPORTER_BINARY, the exporter, is not set")
	}
	demo := exec.Command(binary, "demo", "--web.listen-address=127.0.0.1:0")
	problems, err := demo.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		demo.Process.Kill()
		demo.Wait()
	})
	line := make([]byte, 0, 4096)
	for !strings.Contains(string(line), "\n") || address(line) == "" {
		buffer := make([]byte, 512)
		n, err := problems.Read(buffer)
		if err != nil {
			t.Fatalf("the demo does not listen: %s", line)
		}
		line = append(line, buffer[:n]...)
	}
	go func() {
		buffer := make([]byte, 4096)
		for {
			if _, err := problems.Read(buffer); err != nil {
				return
			}
		}
	}()
	return address(line)
}

func address(log []byte) string {
	match := regexp.MustCompile(`msg=listening address=(127\.0\.0\.1:\d+)\s`).FindSubmatch(log)
	if match == nil {
		return ""
	}
	return string(match[1])
}
