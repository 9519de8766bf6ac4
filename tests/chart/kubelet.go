package chart

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// A store has the entries of the ConfigMaps and Secrets of a namespace, by their names.
type store map[string]map[string]string

// A kubelet lays volumes out as the one of Kubernetes does: the entries in a directory named by time, a link ..data to it
// that is replaced in one step, and a link by way of ..data for each entry.
type kubelet struct {
	root       string // of all volumes
	configMaps store
	secrets    store
	fsGroup    *int64
	written    int
}

type file struct {
	text string
	mode fs.FileMode
}

// mount writes a volume, again after a change, and returns its directory.
func (k *kubelet) mount(volume corev1.Volume) (string, error) {
	files, err := k.files(volume)
	if err != nil {
		return "", fmt.Errorf("volume %s: %w", volume.Name, err)
	}
	directory := filepath.Join(k.root, volume.Name)
	if err := os.MkdirAll(directory, 0o777); err != nil {
		return "", err
	}
	old, _ := os.Readlink(filepath.Join(directory, "..data"))
	k.written++
	current := fmt.Sprintf("..2026_01_01_00_00_00.%09d", k.written)
	for path, file := range files {
		full := filepath.Join(directory, current, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(full, []byte(file.text), file.mode); err != nil {
			return "", err
		}
	}
	if err := k.own(directory); err != nil {
		return "", err
	}
	if err := os.Symlink(current, filepath.Join(directory, "..data_tmp")); err != nil {
		return "", err
	}
	if err := os.Rename(filepath.Join(directory, "..data_tmp"), filepath.Join(directory, "..data")); err != nil {
		return "", err
	}
	for path := range files {
		first, _, _ := strings.Cut(path, "/")
		link := filepath.Join(directory, first)
		if _, err := os.Lstat(link); err == nil {
			continue
		}
		if err := os.Symlink(filepath.Join("..data", first), link); err != nil {
			return "", err
		}
	}
	if old != "" {
		return directory, os.RemoveAll(filepath.Join(directory, old))
	}
	return directory, nil
}

// own gives a volume to the group of the pod, which may read what the owner may.
func (k *kubelet) own(directory string) error {
	return filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		group, more := 0, fs.FileMode(0)
		if k.fsGroup != nil {
			group, more = int(*k.fsGroup), 0o440
			if entry.IsDir() {
				more = 0o550 | fs.ModeSetgid
			}
		}
		if err := os.Lchown(path, 0, group); err != nil {
			return err
		}
		return os.Chmod(path, info.Mode()|more)
	})
}

func (k *kubelet) files(volume corev1.Volume) (map[string]file, error) {
	files := map[string]file{}
	take := func(from store, name string, items []corev1.KeyToPath, mode *int32, optional *bool) error {
		given := fs.FileMode(0o644)
		if mode != nil {
			given = fs.FileMode(*mode)
		}
		entries, there := from[name]
		if !there && (optional == nil || !*optional) {
			return fmt.Errorf("%s is missing", name)
		}
		if len(items) == 0 {
			for key, text := range entries {
				files[key] = file{text, given}
			}
		}
		for _, item := range items {
			text, there := entries[item.Key]
			if !there {
				return fmt.Errorf("%s has no entry %s", name, item.Key)
			}
			files[item.Path] = file{text, given}
			if item.Mode != nil {
				files[item.Path] = file{text, fs.FileMode(*item.Mode)}
			}
		}
		return nil
	}
	switch {
	case volume.ConfigMap != nil:
		source := volume.ConfigMap
		return files, take(k.configMaps, source.Name, source.Items, source.DefaultMode, source.Optional)
	case volume.Secret != nil:
		source := volume.Secret
		return files, take(k.secrets, source.SecretName, source.Items, source.DefaultMode, source.Optional)
	case volume.Projected != nil:
		for _, source := range volume.Projected.Sources {
			var err error
			switch {
			case source.Secret != nil:
				err = take(k.secrets, source.Secret.Name, source.Secret.Items, volume.Projected.DefaultMode, source.Secret.Optional)
			case source.ConfigMap != nil:
				err = take(k.configMaps, source.ConfigMap.Name, source.ConfigMap.Items, volume.Projected.DefaultMode, source.ConfigMap.Optional)
			default:
				err = fmt.Errorf("a source of unknown kind")
			}
			if err != nil {
				return nil, err
			}
		}
		return files, nil
	case volume.EmptyDir != nil:
		return files, nil
	default:
		return nil, fmt.Errorf("its kind is not one of a kubelet of this test")
	}
}
