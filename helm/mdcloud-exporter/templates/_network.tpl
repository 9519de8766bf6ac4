{{- /* The ports the exporter connects to, as a list: of the proxy, where there is none of base_url. */}}
{{- define "mdcloud-exporter.upstreamPorts" -}}
{{- $ports := list }}
{{- $global := dict }}
{{- range $place := include "mdcloud-exporter.connectionPlaces" . | fromYamlArray }}
{{- $options := include "mdcloud-exporter.options" $place | fromYaml }}
{{- if eq $place.folder "global" }}{{ $global = $options }}{{ end }}
{{- if or (ne $place.folder "global") (not (or $.Values.keys $.Values.keyDirectories)) }}
{{- $proxy := get (ternary $options $global (hasKey $options "proxy_url")) "proxy_url" }}
{{- $url := default (get $global "base_url") $options.base_url | default "https://the.service" }}
{{- $authority := regexReplaceAll "^[a-z0-9]+://([^/?#]*).*$" (default $url $proxy) "${1}" }}
{{- $ports = append $ports (regexFind ":[0-9]+$" $authority | trimPrefix ":" | default "443" | int) }}
{{- end }}
{{- end }}
{{- toYaml (uniq $ports) }}
{{- end }}
