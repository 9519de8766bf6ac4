{{- define "mdcloud-exporter.keysDirectory" -}}
/etc/mdcloud/keys
{{- end }}

{{- define "mdcloud-exporter.keysSecretName" -}}
{{ include "mdcloud-exporter.fullname" . }}-keys
{{- end }}

{{- /* Fails with a sentence where the schema cannot say what is missing. */}}
{{- define "mdcloud-exporter.checkKeys" -}}
{{- if not .Values.keys }}
{{- fail "There are no keys: set keys.NAME.existingSecret.name and keys.NAME.existingSecret.key to an entry of a Secret that holds a MetaDefender Cloud apikey (or keys.NAME.value to the apikey itself)." }}
{{- end }}
{{- range $name, $key := .Values.keys }}
{{- if and $key.value $key.existingSecret }}
{{- fail (printf "keys.%s has both existingSecret and value: the apikey comes from one of them." $name) }}
{{- end }}
{{- if not (or $key.value $key.existingSecret) }}
{{- fail (printf "keys.%s has neither existingSecret nor value: the apikey comes from one of them." $name) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The names of the keys given inline, one a line. */}}
{{- define "mdcloud-exporter.inlineKeys" -}}
{{- range $name, $key := .Values.keys }}
{{- if $key.value }}
{{ $name }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mdcloud-exporter.config" -}}
{{- $config := dict }}
{{- with .Values.config.log_level }}
{{- $_ := set $config "log_level" . }}
{{- end }}
{{- with .Values.config.global }}
{{- $_ := set $config "global" . }}
{{- end }}
{{- $keys := list }}
{{- range $name, $key := .Values.keys }}
{{- $entry := dict "name" $name "apikey_file" (printf "%s/%s" (include "mdcloud-exporter.keysDirectory" $) $name) }}
{{- /* All but where the apikey comes from. Empty and false override what config.global says. */}}
{{- range $option, $value := omit $key "existingSecret" "value" }}
{{- if not (kindIs "invalid" $value) }}
{{- $_ := set $entry $option $value }}
{{- end }}
{{- end }}
{{- $keys = append $keys $entry }}
{{- end }}
{{- toYaml (set $config "keys" $keys) }}
{{- end }}
