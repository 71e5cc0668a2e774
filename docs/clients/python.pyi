# Made by openapi-python-client==0.29.1: what a caller sees of each module.
# api/clientes/actualizar_cliente.py
def sync(...) -> ApiError | ApiResponseClienteResponse | None: ...

# api/clientes/crear_cliente.py
def sync(...) -> ApiError | ApiResponseClienteResponse | None: ...

# api/clientes/eliminar_cliente.py
def sync(...) -> ApiError | ApiResponseNull | None: ...

# api/clientes/listar_clientes.py
def sync(...) -> ApiError | ApiResponseListClienteResponse | None: ...

# api/clientes/obtener_cliente.py
def sync(...) -> ApiError | ApiResponseClienteResponse | None: ...

# api/clientes/recargar_cliente.py
def sync(...) -> ApiError | ApiResponseClienteResponse | None: ...

# api/pagos/anular_pago.py
def sync(...) -> ApiError | ApiResponsePagoResponse | None: ...

# api/pagos/listar_pagos.py
def sync(...) -> ApiError | ApiResponseListPagoResponse | None: ...

# api/pagos/obtener_pago.py
def sync(...) -> ApiError | ApiResponsePagoResponse | None: ...

# api/pagos/procesar_pago.py
def sync(...) -> ApiError | ApiResponsePagoResponse | None: ...

# models/api_error.py
class ApiError:
    success: bool
    data: None
    errors: list[ErrorItem]

# models/api_response_cliente_response.py
class ApiResponseClienteResponse:
    success: bool
    data: ClienteResponse
    errors: list[ErrorItem]

# models/api_response_list_cliente_response.py
class ApiResponseListClienteResponse:
    success: bool
    data: list[ClienteResponse]
    errors: list[ErrorItem]

# models/api_response_list_pago_response.py
class ApiResponseListPagoResponse:
    success: bool
    data: list[PagoResponse]
    errors: list[ErrorItem]

# models/api_response_null.py
class ApiResponseNull:
    success: bool
    data: None
    errors: list[ErrorItem]

# models/api_response_pago_response.py
class ApiResponsePagoResponse:
    success: bool
    data: PagoResponse
    errors: list[ErrorItem]

# models/cliente_create.py
class ClienteCreate:
    nombre: str
    email: str
    saldo: str | Unset = '0.00'
    moneda: str | Unset = 'CLP'

# models/cliente_response.py
class ClienteResponse:
    id: int
    nombre: str
    email: str
    saldo: str
    moneda: str
    created_at: datetime.datetime

# models/cliente_update.py
class ClienteUpdate:
    nombre: str
    email: str

# models/error_item.py
class ErrorItem:
    code: str
    message: str

# models/estado_pago.py
class EstadoPago(StrEnum):
    ANULADO = 'ANULADO'
    PENDIENTE = 'PENDIENTE'
    PROCESADO = 'PROCESADO'

# models/pago_create.py
class PagoCreate:
    cliente_id: int
    monto: str
    moneda: str | Unset = 'CLP'

# models/pago_response.py
class PagoResponse:
    id: int
    cliente_id: int
    monto: str
    moneda: str
    estado: EstadoPago
    created_at: datetime.datetime

# models/recarga_create.py
class RecargaCreate:
    monto: str
