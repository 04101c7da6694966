/** One upload: XMLHttpRequest, because fetch tells nothing of how far it is. */
import { Problem, problemFromAnswer } from "~/api/problem";

export interface Upload {
  workspaceId: string;
  path: string;
  file: Blob;
  overwrite: boolean;
  /** Make the folders above it. */
  parents: boolean;
  onProgress: (sent: number) => void;
}

export interface RunningUpload {
  /** Rejects with a Problem, or a TypeError where no answer came. */
  done: Promise<void>;
  cancel: () => void;
}

export function startUpload({
  workspaceId,
  path,
  file,
  overwrite,
  parents,
  onProgress,
}: Upload): RunningUpload {
  const request = new XMLHttpRequest();
  const done = new Promise<void>((resolve, reject) => {
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      if (request.status < 300) resolve();
      else
        reject(
          new Problem(
            problemFromAnswer(parsed(request.responseText), new Response(null, { status: request.status })),
          ),
        );
    };
    request.onerror = () => reject(new TypeError("no answer"));
    request.onabort = () => reject(new TypeError("cancelled"));
  });
  const query = new URLSearchParams({ path, overwrite: `${overwrite}`, parents: `${parents}` });
  request.open("PUT", `/api/v1/workspaces/${encodeURIComponent(workspaceId)}/files?${query.toString()}`);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.send(file);
  return { done, cancel: () => request.abort() };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
