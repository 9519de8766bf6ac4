package chart

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The exporter itself accepts what the chart writes. The files of the pod are laid out in a temporary directory.
func TestExporterAcceptsTheConfiguration(t *testing.T) {
	binary := os.Getenv("MDCLOUD_EXPORTER_BINARY")
	if binary == "" {
		t.Skip("MDCLOUD_EXPORTER_BINARY is not set")
	}
	forEachCase(t, func(t *testing.T, all *objects) {
		root := t.TempDir()
		write := func(path, text string) {
			t.Helper()
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for name := range keyFiles(all.deployment) {
			write(filepath.Join(root, "keys", name), "0123456789abcdef0123456789abcdef\n")
		}
		authorities, err := os.ReadFile("/etc/ssl/certs/ca-certificates.crt")
		if err != nil {
			t.Fatal(err)
		}
		write(filepath.Join(root, "ca", "ca.crt"), string(authorities))
		config := filepath.Join(root, "config", "config.yaml")
		write(config, strings.ReplaceAll(all.configMap.Data["config.yaml"], "/etc/mdcloud/", root+"/"))
		output, err := exec.Command(binary, "check", "--config.file="+config).CombinedOutput()
		if err != nil {
			t.Errorf("%v: %s\n%s", err, output, all.configMap.Data["config.yaml"])
		}
	})
}
