{{- define "segue.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "segue.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "segue.labels" -}}
{{ include "segue.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "segue.image" -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}

{{- define "segue.serviceAccountName" -}}
{{- default (include "segue.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{/* segue.yaml: what was given, under what the chart decides. */}}
{{- define "segue.config" -}}
{{- $fixed := dict
  "http" (dict "host" "0.0.0.0" "port" 8080)
  "grpc" (dict "host" "0.0.0.0" "port" 50051)
  "dataDir" "/var/lib/segue"
  "client" (dict "keysFile" "/etc/segue/keys/client-keys")
-}}
{{- mergeOverwrite (deepCopy .Values.config) $fixed | toYaml -}}
{{- end -}}

{{/* For containers that run as the image's user `node`, with nothing to write to but volumes. */}}
{{- define "segue.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "segue.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "segue.credentialsEnv" -}}
{{- if .Values.googleCredentials.existingSecret -}}
- name: GOOGLE_APPLICATION_CREDENTIALS
  value: /etc/segue/google/credentials.json
{{- end }}
{{- end -}}

{{- define "segue.credentialsMount" -}}
{{- if .Values.googleCredentials.existingSecret -}}
- name: google-credentials
  mountPath: /etc/segue/google
  readOnly: true
{{- end }}
{{- end -}}

{{- define "segue.credentialsVolume" -}}
{{- with .Values.googleCredentials -}}
{{- if .existingSecret -}}
- name: google-credentials
  secret:
    secretName: {{ .existingSecret }}
    defaultMode: 0440
    items:
      - key: {{ .key }}
        path: credentials.json
{{- end }}
{{- end }}
{{- end -}}
