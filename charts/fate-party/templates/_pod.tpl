{{- define "fate.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: {{ .readOnlyRoot }}
capabilities: {drop: [ALL]}
{{- end }}

{{/* One of the three probes of a container. Takes the probe, and which. */}}
{{- define "fate.probe" -}}
{{- $question := index .probe .which }}
{{- if .probe.command }}
exec:
  command: {{ toJson .probe.command }}
{{- else if .probe.path }}
httpGet: {path: {{ .probe.path | quote }}, port: {{ int .probe.port }}}
{{- else }}
tcpSocket: {port: {{ int .probe.port }}}
{{- end }}
periodSeconds: {{ int $question.interval }}
timeoutSeconds: {{ int $question.timeout }}
failureThreshold: {{ int $question.failures }}
{{- end }}

{{/* What copies folders of the image to where the service finds them, and may write. */}}
{{- define "fate.copying" -}}
{{- $copies := list }}
{{- range .copied }}
{{- $copies = append $copies (printf "cp -R %s/. /copied/%s/" (index $.scratch .) .) }}
{{- end -}}
name: copying
image: {{ .image | quote }}
imagePullPolicy: IfNotPresent
command: [sh, -ec, {{ join "; " $copies | toJson }}]
securityContext:
  {{- include "fate.security" . | nindent 2 }}
resources:
  limits: {memory: 64Mi}
  requests: {memory: 32Mi, cpu: 100m}
volumeMounts:
  {{- range .copied }}
  - {name: {{ . | quote }}, mountPath: {{ printf "/copied/%s" . | quote }}}
  {{- end }}
{{- end }}

{{- define "fate.container" -}}
{{- $service := .service -}}
name: {{ .name | quote }}
image: {{ $service.image | quote }}
imagePullPolicy: IfNotPresent
command: {{ toJson $service.command }}
{{- with $service.environment }}
env:
  {{- range $variable, $value := . }}
  - {name: {{ $variable | quote }}, value: {{ $value | toJson }}}
  {{- end }}
{{- end }}
ports:
  {{- range $port, $number := $service.ports }}
  - {name: {{ $port | quote }}, containerPort: {{ int $number }}}
  {{- end }}
securityContext:
  {{- include "fate.security" $service | nindent 2 }}
resources:
  {{- toYaml $service.resources | nindent 2 }}
{{- range list "startup" "readiness" "liveness" }}
{{ . }}Probe:
  {{- include "fate.probe" (dict "probe" $service.probe "which" .) | trim | nindent 2 }}
{{- end }}
volumeMounts:
  {{- range $key, $file := $service.files }}
  - {name: files, mountPath: {{ $file.path | quote }}, subPath: {{ $key | quote }}, readOnly: true}
  {{- end }}
  {{- if $service.secret }}
  - {name: secrets, mountPath: /run/secrets, readOnly: true}
  {{- end }}
  {{- range $claim, $volume := $service.claims }}
  - {name: {{ $volume.volume | quote }}, mountPath: {{ $volume.path | quote }}}
  {{- end }}
  {{- range $volume, $path := $service.scratch }}
  - {name: {{ $volume | quote }}, mountPath: {{ $path | quote }}}
  {{- end }}
{{- end }}

{{- define "fate.volumes" -}}
{{- $service := .service }}
{{- if $service.files }}
- name: files
  configMap: {name: {{ .name | quote }}}
{{- end }}
{{- with $service.secret }}
- name: secrets
  secret: {secretName: {{ .name | quote }}, defaultMode: 288}
{{- end }}
{{- range $claim, $volume := $service.claims }}
- name: {{ $volume.volume | quote }}
  persistentVolumeClaim: {claimName: {{ $claim | quote }}}
{{- end }}
{{- range $volume, $path := $service.scratch }}
- name: {{ $volume | quote }}
  emptyDir: {}
{{- end }}
{{- end }}

{{/* The pod of a service. It starts anew when a file of it changes, or the revision of its secret. */}}
{{- define "fate.pod" -}}
{{- $service := .service -}}
metadata:
  labels:
    {{- include "fate.selector" . | nindent 4 }}
    {{- include "fate.labels" .root | nindent 4 }}
  annotations:
    fate.files: {{ $service.files | default dict | toJson | sha256sum | trunc 12 | quote }}
    {{- with $service.secret }}
    fate.secrets: {{ .revision | quote }}
    {{- end }}
spec:
  serviceAccountName: fate
  automountServiceAccountToken: false
  enableServiceLinks: false
  shareProcessNamespace: true
  securityContext:
    runAsNonRoot: true
    runAsUser: {{ int $service.user }}
    runAsGroup: {{ int $service.user }}
    fsGroup: {{ int $service.user }}
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  {{- with .root.Values.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - {name: {{ . | quote }}}
    {{- end }}
  {{- end }}
  terminationGracePeriodSeconds: 30
  {{- if $service.copied }}
  initContainers:
    - {{- include "fate.copying" $service | nindent 6 }}
  {{- end }}
  containers:
    - {{- include "fate.container" . | nindent 6 }}
  volumes:
    {{- include "fate.volumes" . | trim | nindent 4 }}
  {{- with .root.Values.scheduling }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
