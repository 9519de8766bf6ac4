{{- define "mdcloud-exporter.keysDirectory" -}}
/etc/mdcloud/keys
{{- end }}

{{- define "mdcloud-exporter.keysSecretName" -}}
{{ include "mdcloud-exporter.fullname" . }}-keys
{{- end }}

{{- /* The names of the keys given inline, one a line. */}}
{{- define "mdcloud-exporter.inlineKeys" -}}
{{- range $name, $key := .Values.keys }}
{{- if $key.value }}
{{ $name }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Not empty where the chart makes no configuration. */}}
{{- define "mdcloud-exporter.existingConfig" -}}
{{- default "" .Values.config.existingSecret | default .Values.config.existingConfigMap | default "" }}
{{- end }}

{{- /* Where connections are described: what is given there, the folder of its files in the pod, and its path in the values. */}}
{{- define "mdcloud-exporter.connectionPlaces" -}}
{{- $global := merge (dict "proxy" .Values.proxy "caBundle" .Values.caBundle "clientCertificate" .Values.clientCertificate) (default dict .Values.config.global) }}
{{- $places := list (dict "given" $global "folder" "global" "path" "" "options" "config.global") }}
{{- range $name, $key := .Values.keys }}
{{- $places = append $places (dict "given" (omit $key "value") "folder" (printf "keys/%s" $name) "path" (printf "keys.%s" $name)) }}
{{- end }}
{{- range $name, $directory := .Values.keyDirectories }}
{{- $places = append $places (dict "given" $directory "folder" (printf "key-directories/%s" $name) "path" (printf "keyDirectories.%s" $name)) }}
{{- end }}
{{- toYaml $places }}
{{- end }}

{{- /* The options of the exporter's configuration: those given, but proxy, caBundle and clientCertificate as the files they become. */}}
{{- define "mdcloud-exporter.options" -}}
{{- $folder := printf "/etc/mdcloud/connections/%s" .folder }}
{{- $place := . }}
{{- $options := dict }}
{{- /* Empty and false override what config.global says; null is not given. */}}
{{- range $name, $value := omit .given "existingSecret" "value" "proxy" "caBundle" "clientCertificate" }}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $options $name $value }}{{ end }}
{{- end }}
{{- $tls := deepCopy (default dict $options.tls_config) }}
{{- with .given.proxy }}
{{- /* Empty: this key without the proxy of all. */}}
{{- if or .url (and (hasKey . "url") $place.path (not (hasKey $options "proxy_url"))) }}{{ $_ := set $options "proxy_url" (default "" .url) }}{{ end }}
{{- if .existingSecret }}{{ $_ := set $options "proxy_credentials_file" (printf "%s/proxy" $folder) }}{{ end }}
{{- end }}
{{- if .given.caBundle }}
{{- $_ := set $tls "ca_file" (printf "%s/ca.crt" $folder) }}
{{- end }}
{{- if (.given.clientCertificate).existingSecret }}
{{- $_ := set $tls "cert_file" (printf "%s/tls.crt" $folder) }}
{{- $_ := set $tls "key_file" (printf "%s/tls.key" $folder) }}
{{- end }}
{{- if $tls }}{{ $_ := set $options "tls_config" $tls }}{{ end }}
{{- toYaml $options }}
{{- end }}

{{- /* The sources of the projected volume with those files. */}}
{{- define "mdcloud-exporter.connectionSources" -}}
{{- range $place := include "mdcloud-exporter.connectionPlaces" . | fromYamlArray }}
{{- $given := $place.given }}
{{- with ($given.proxy).existingSecret }}
- secret:
    name: {{ .name }}
    items:
      - {key: {{ .key | quote }}, path: {{ printf "%s/proxy" $place.folder | quote }}}
{{- end }}
{{- range $kind, $from := default dict $given.caBundle }}
- {{ $kind }}:
    name: {{ $from.name }}
    items:
      - {key: {{ default "ca.crt" $from.key | quote }}, path: {{ printf "%s/ca.crt" $place.folder | quote }}}
{{- end }}
{{- with ($given.clientCertificate).existingSecret }}
- secret:
    name: {{ . }}
    items:
      - {key: tls.crt, path: {{ printf "%s/tls.crt" $place.folder | quote }}}
      - {key: tls.key, path: {{ printf "%s/tls.key" $place.folder | quote }}}
{{- end }}
{{- end }}
{{- end }}

{{- define "mdcloud-exporter.config" -}}
{{- $config := dict }}
{{- with .Values.config.log_level }}
{{- $_ := set $config "log_level" . }}
{{- end }}
{{- with .Values.config.history }}
{{- $_ := set $config "history" . }}
{{- end }}
{{- $keys := list }}
{{- $directories := list }}
{{- range $place := include "mdcloud-exporter.connectionPlaces" . | fromYamlArray }}
{{- $options := include "mdcloud-exporter.options" $place | fromYaml }}
{{- $name := base $place.folder }}
{{- if eq (dir $place.folder) "keys" }}
{{- $keys = append $keys (merge (dict "name" $name "apikey_file" (printf "%s/%s" (include "mdcloud-exporter.keysDirectory" $) $name)) $options) }}
{{- else if eq (dir $place.folder) "key-directories" }}
{{- $directories = append $directories (merge (dict "path" (printf "/etc/mdcloud/key-directories/%s" $name)) $options) }}
{{- else }}
{{- if and (eq $.Values.mode "sidecar") (not $options.scrape_interval) }}
{{- /* Each pod of the application asks for every key. */}}
{{- $_ := set $options "scrape_interval" "5m" }}
{{- end }}
{{- with $options }}{{ $_ := set $config "global" . }}{{ end }}
{{- end }}
{{- end }}
{{- with $keys }}{{ $_ := set $config "keys" . }}{{ end }}
{{- with $directories }}{{ $_ := set $config "key_directories" . }}{{ end }}
{{- toYaml $config }}
{{- end }}
