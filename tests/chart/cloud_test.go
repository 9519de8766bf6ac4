package chart

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A cloud is the simulated service (tests/image/simulated_cloud.cpp).
type cloud struct {
	url         string
	certificate string // of the exporter's pages, a file
	answers     *bufio.Reader
	command     func(string) error
}

func startCloud(t *testing.T, folder string, tls bool) *cloud {
	t.Helper()
	process := exec.Command(os.Getenv("MDCLOUD_SIMULATED_CLOUD"))
	if tls {
		process.Args = append(process.Args, folder)
	}
	process.Stderr = os.Stderr
	in, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		process.Wait()
	})
	c := &cloud{answers: bufio.NewReader(out), command: func(line string) error {
		_, err := fmt.Fprintln(in, line)
		return err
	}}
	c.url = c.answer(t)
	return c
}

func (c *cloud) answer(t *testing.T) string {
	t.Helper()
	line, err := c.answers.ReadString('\n')
	if err != nil {
		t.Fatalf("the simulated service: %v", err)
	}
	return strings.TrimSpace(line)
}

func (c *cloud) ask(t *testing.T, command string) string {
	t.Helper()
	if err := c.command(command); err != nil {
		t.Fatal(err)
	}
	return c.answer(t)
}

// compares asks whether the exported values of `key` are the truth about `name`.
func (c *cloud) compares(t *testing.T, key, name, page string) func() error {
	return func() error {
		if differences := c.ask(t, "compare "+key+" "+name+" "+page+" "+c.certificate); differences != "nothing" {
			return fmt.Errorf("%s", differences)
		}
		return nil
	}
}
