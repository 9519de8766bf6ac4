package docs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	helmcmd "helm.sh/helm/v4/pkg/cmd"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	kubectlcmd "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
)

// The test puts itself on the PATH of the documents' commands under the names of these tools. What they did is told by
// lines in the file MDCLOUD_DOCS_DONE: "release NAME", "object KIND/NAME".
var tools = map[string]func(args []string) error{"helm": runHelm, "kubectl": runKubectl, "docker": runDocker}

func note(format string, args ...any) error {
	file, err := os.OpenFile(os.Getenv("MDCLOUD_DOCS_DONE"), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = fmt.Fprintf(file, format+"\n", args...)
	return err
}

func noted(line string) bool {
	text, _ := os.ReadFile(os.Getenv("MDCLOUD_DOCS_DONE"))
	return slices.Contains(strings.Split(string(text), "\n"), line)
}

// known finds the command that `args` call, checks its flags and returns its arguments.
func known(root *cobra.Command, args []string) (*cobra.Command, []string, error) {
	command, rest, err := root.Find(args)
	if err != nil {
		return nil, nil, err
	}
	if command == root || command.HasSubCommands() && !command.Runnable() {
		return nil, nil, fmt.Errorf("%s: no such command", strings.Join(args, " "))
	}
	if err := command.ParseFlags(rest); err != nil {
		return nil, nil, err
	}
	return command, command.Flags().Args(), nil
}

// runHelm renders what would be installed. Other commands are parsed, and need a release of an earlier command.
func runHelm(args []string) error {
	root, err := helmcmd.NewRootCmd(io.Discard, args, func(bool) {})
	if err != nil {
		return err
	}
	command, positional, err := known(root, args)
	if err != nil {
		return err
	}
	switch command.Name() {
	case "install", "upgrade", "template":
		if len(positional) != 2 {
			return errors.New("a release and a chart are needed")
		}
		text, err := template(positional[0], positional[1], command.Flags())
		if err != nil {
			return err
		}
		found, err := decodeAll(text)
		if err != nil {
			return err
		}
		for _, object := range found {
			if err := note("object %s/%s", strings.ToLower(object.kind), object.name); err != nil {
				return err
			}
		}
		if command.Name() == "template" {
			fmt.Print(text)
		}
		return note("release %s", positional[0])
	case "test", "rollback", "history", "uninstall", "status":
		if len(positional) == 0 || !noted("release "+positional[0]) {
			return fmt.Errorf("no release %v", positional)
		}
	case "values", "manifest", "notes":
		if !noted("release " + positional[0]) {
			return fmt.Errorf("no release %v", positional)
		}
	case "show", "lint":
	default:
		return fmt.Errorf("helm %s: not known to this test", command.Name())
	}
	return nil
}

// template renders with those of the flags that change what is rendered.
func template(release, chart string, given *pflag.FlagSet) (string, error) {
	args := []string{"template", release, chart, "--kube-version", "1.33.4"}
	given.Visit(func(flag *pflag.Flag) {
		if !slices.Contains([]string{"values", "set", "set-string", "namespace", "no-hooks"}, flag.Name) {
			return
		}
		if several, ok := flag.Value.(pflag.SliceValue); ok {
			for _, value := range several.GetSlice() {
				args = append(args, "--"+flag.Name+"="+value)
			}
			return
		}
		args = append(args, "--"+flag.Name+"="+flag.Value.String())
	})
	return helmTemplate(args)
}

func helmTemplate(args []string) (string, error) {
	var out bytes.Buffer
	root, err := helmcmd.NewRootCmd(&out, args, func(bool) {})
	if err != nil {
		return "", err
	}
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&out)
	root.SilenceUsage = true
	err = root.Execute()
	return out.String(), err
}

var named = regexp.MustCompile(`^(deployment|service|secret|configmap|networkpolicy|servicemonitor|prometheusrule)s?/(.+)$`)

// runKubectl does what needs no cluster. Of the rest, flags and named objects are looked at.
func runKubectl(args []string) error {
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	fresh := func(arguments []string) *cobra.Command {
		root := kubectlcmd.NewKubectlCommand(kubectlcmd.KubectlOptions{
			Arguments: arguments, ConfigFlags: genericclioptions.NewConfigFlags(true), IOStreams: streams})
		root.SetArgs(arguments)
		return root
	}
	command, positional, err := known(fresh(args), args)
	if err != nil {
		return err
	}
	path := strings.TrimPrefix(command.CommandPath(), "kubectl ")
	switch {
	case strings.HasPrefix(path, "create "):
		kubectlutil.BehaviorOnFatal(func(message string, _ int) {
			fmt.Fprintln(os.Stderr, message)
			os.Exit(1)
		})
		dry := append(slices.Clone(args), "--dry-run=client", "--output=yaml")
		if command.Flags().Changed("dry-run") {
			dry = args
		}
		kind := strings.Fields(path)[1]
		if err := note("object %s/%s", kind, positional[len(positional)-1]); err != nil {
			return err
		}
		return fresh(dry).Execute()
	case path == "apply" || path == "diff":
		files, err := command.Flags().GetStringSlice("filename")
		if err != nil || len(files) == 0 {
			return fmt.Errorf("no file: %v", err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if file == "-" {
				text, err = io.ReadAll(os.Stdin)
			}
			if err != nil {
				return err
			}
			if _, err := decodeAll(string(text)); err != nil {
				return err
			}
		}
		return nil
	}
	for _, argument := range positional {
		if match := named.FindStringSubmatch(argument); match != nil && !noted("object "+match[1]+"/"+match[2]) {
			return fmt.Errorf("there is no %s", argument)
		}
	}
	return nil
}

// runDocker checks what the Dockerfile has to have.
func runDocker(args []string) error {
	text, err := os.ReadFile(filepath.Join(os.Getenv("MDCLOUD_DOCS_REPOSITORY"), "Dockerfile"))
	if err != nil {
		return err
	}
	has := func(pattern string) error {
		if !regexp.MustCompile(`(?m)` + pattern).Match(text) {
			return fmt.Errorf("the Dockerfile has no %s", pattern)
		}
		return nil
	}
	flags := pflag.NewFlagSet("docker", pflag.ContinueOnError)
	arguments := flags.StringArray("build-arg", nil, "")
	target := flags.String("target", "", "")
	flags.String("tag", "", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if command := flags.Arg(0); command != "build" && command != "push" {
		return fmt.Errorf("docker %s: not known to this test", command)
	}
	for _, argument := range *arguments {
		name, _, _ := strings.Cut(argument, "=")
		if err := has(`^ARG ` + regexp.QuoteMeta(name) + `(=|$)`); err != nil {
			return err
		}
	}
	if *target != "" {
		return has(` AS ` + regexp.QuoteMeta(*target) + `$`)
	}
	return nil
}
