// Made by openapi-typescript@7.13.0: the named types, and below them the operations.
    schemas: {
        ApiError: {
            success: false;
            data: null;
            errors: components["schemas"]["ErrorItem"][];
        };
        ApiResponse_ClienteResponse: {
            success: true;
            data: components["schemas"]["ClienteResponse"];
            errors: components["schemas"]["ErrorItem"][];
        };
        ApiResponse_List_ClienteResponse: {
            success: true;
            data: components["schemas"]["ClienteResponse"][];
            errors: components["schemas"]["ErrorItem"][];
        };
        ApiResponse_List_PagoResponse: {
            success: true;
            data: components["schemas"]["PagoResponse"][];
            errors: components["schemas"]["ErrorItem"][];
        };
        ApiResponse_Null: {
            success: true;
            data: null;
            errors: components["schemas"]["ErrorItem"][];
        };
        ApiResponse_PagoResponse: {
            success: true;
            data: components["schemas"]["PagoResponse"];
            errors: components["schemas"]["ErrorItem"][];
        };
        ClienteCreate: {
            nombre: string;
            email: string;
            saldo: string;
            moneda: string;
        };
        ClienteResponse: {
            id: number;
            nombre: string;
            email: string;
            saldo: string;
            moneda: string;
            created_at: string;
        };
        ClienteUpdate: {
            nombre: string;
            email: string;
        };
        ErrorItem: {
            code: string;
            message: string;
        };
        EstadoPago: "PENDIENTE" | "PROCESADO" | "ANULADO";
        PagoCreate: {
            cliente_id: number;
            monto: string;
            moneda: string;
        };
        PagoResponse: {
            id: number;
            cliente_id: number;
            monto: string;
            moneda: string;
            estado: components["schemas"]["EstadoPago"];
            created_at: string;
        };
        RecargaCreate: {
            monto: string;
        };
    };

// operations["listar_clientes"]
// operations["crear_cliente"]
// operations["obtener_cliente"]
// operations["actualizar_cliente"]
// operations["eliminar_cliente"]
// operations["recargar_cliente"]
// operations["listar_pagos"]
// operations["procesar_pago"]
// operations["obtener_pago"]
// operations["anular_pago"]
