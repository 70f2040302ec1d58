// Written by `make types` from the Go code: change it there.

export interface ApiHelloResponse {
  message: string;
}

export interface ApiPingResponse {
  message: string;
}

export interface ApiReadyResponse {
  message: string;
}

export interface TodosCreateParams {
  text: string;
}

export interface TodosTodo {
  id: number;
  owner_id: number | null;
  organization_id: string | null;
  text: string;
  done: boolean;
  version: number;
  created_at: string;
  updated_at: string;
}

export interface TodosDeleteManyParams {
  ids: number[];
}

export interface TodosEditParams {
  version: number;
  text?: string;
  done?: boolean;
}

export interface TodosListResponse {
  todos: TodosTodo[];
  next_cursor: string;
  open_count: number | null;
  done_count: number | null;
}

export interface UsersUser {
  id: number;
  logto_id: string;
  username: string | null;
  email: string | null;
  phone: string | null;
  name: string | null;
  picture: string | null;
  suspended: boolean;
  created_at: string;
  updated_at: string;
  last_seen_at: string | null;
}

export interface UsersListResponse {
  users: UsersUser[];
  next_cursor: string;
}

export interface AuthLockedOut {
  suspended: boolean;
}

export interface FaultRetryAfter {
  retry_after: number;
}

export interface ScopesMissingScope {
  scope: string;
}

export interface TodosConflict {
  current: TodosTodo;
}
